// A proxy that answers CONNECT: sends tunnels to ports of this machine by the name that was asked for, and may demand a login.
import http from "node:http";
import net from "node:net";

export interface ConnectProxy {
  readonly port: number;
  readonly url: string;
  /** `host:port` of every tunnel that stands or was refused, in order. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export interface ConnectProxyOptions {
  /** Name → port on 127.0.0.1; a name without one is refused. */
  readonly targets: Readonly<Record<string, number>>;
  /** Who does not bring it gets a 407. */
  readonly login?: { readonly username: string; readonly password: string };
}

export async function startConnectProxy({ targets, login }: ConnectProxyOptions): Promise<ConnectProxy> {
  const asked: string[] = [];
  const sockets = new Set<net.Socket>();
  const wanted =
    login === undefined ? undefined : `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
  const server = http.createServer((_request, response) => response.writeHead(405).end());
  server.on("connect", (request, client: net.Socket) => {
    const target = request.url ?? "";
    asked.push(target);
    const port = Object.hasOwn(targets, target.split(":")[0]!) ? targets[target.split(":")[0]!] : undefined;
    const refuse = (status: string): void => void client.end(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`);
    client.on("error", () => client.destroy());
    if (wanted !== undefined && request.headers["proxy-authorization"] !== wanted)
      return refuse("407 Proxy Authentication Required");
    if (port === undefined) return refuse("502 Bad Gateway");
    const onward = net.connect(port, "127.0.0.1");
    for (const socket of [client, onward]) {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    }
    onward.on("error", () => client.destroy());
    client.on("close", () => onward.destroy());
    onward.on("close", () => client.destroy());
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    client.pipe(onward).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
