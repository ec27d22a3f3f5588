// A small SOCKS 5 server for tests: keeps what it was asked for, and misbehaves as it is told.
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface SocksServerOptions {
  /** Asked for; absent = none is. */
  readonly login?: { readonly username: string; readonly password: string };
  /** Where a connection to this host and port goes on 127.0.0.1; null: the host is unreachable. */
  readonly target: (host: string, port: number) => number | null;
  /** Changes what it answers at a stage: other bytes, or null for silence. */
  readonly answer?: (stage: "method" | "login" | "reply", bytes: Buffer) => Buffer | null;
  /** Writes each byte of its answers by itself. */
  readonly split?: boolean;
}

export interface SocksServer {
  readonly port: number;
  /** `host:port` of each connection that was asked for; names as they came. */
  readonly asked: readonly string[];
  /** The greetings, in hexadecimal. */
  readonly greetings: readonly string[];
  readonly accepted: () => number;
  close(): Promise<void>;
}

/** Waits for bytes: as many as asked. */
class Reader {
  #bytes = Buffer.alloc(0);
  #wake: (() => void) | null = null;
  #over = false;
  readonly #socket: Socket;
  readonly #onData = (bytes: Buffer): void => {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    this.#wake?.();
  };

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", this.#onData);
    socket.on("close", () => {
      this.#over = true;
      this.#wake?.();
    });
  }

  async take(count: number): Promise<Buffer> {
    while (this.#bytes.length < count) {
      if (this.#over) throw new Error("the client went away");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }

  /** Gives the socket back; bytes that came too early are lost, since none may. */
  release(): void {
    this.#socket.off("data", this.#onData);
  }
}

async function readHost(reader: Reader): Promise<string> {
  const [kind] = await reader.take(1);
  if (kind === 1) return [...(await reader.take(4))].join(".");
  if (kind === 4)
    return ((await reader.take(16)).toString("hex").match(/..../g) ?? [])
      .map((part) => part.replace(/^0+(?=.)/, ""))
      .join(":");
  const [length] = await reader.take(1);
  return (await reader.take(length as number)).toString();
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Listens on loopback. */
export async function socksServer(options: SocksServerOptions): Promise<SocksServer> {
  const asked: string[] = [];
  const greetings: string[] = [];
  const sockets: Socket[] = [];

  async function say(socket: Socket, stage: "method" | "login" | "reply", usual: Buffer): Promise<void> {
    const bytes = options.answer === undefined ? usual : options.answer(stage, usual);
    if (bytes === null) throw new Error("told to be silent");
    if (options.split !== true) return void socket.write(bytes);
    for (const byte of bytes) {
      socket.write(Buffer.from([byte]));
      // A turn of the loop between the bytes, else the kernel puts them together again.
      await turn();
    }
  }

  async function serve(socket: Socket): Promise<void> {
    const reader = new Reader(socket);
    const [, count] = await reader.take(2).then((head) => [head[0], head[1] as number] as const);
    const methods = await reader.take(count);
    greetings.push(`05${count.toString(16).padStart(2, "0")}${methods.toString("hex")}`);
    const method = options.login === undefined ? 0 : 2;
    await say(socket, "method", Buffer.from([5, methods.includes(method) ? method : 255]));
    if (options.login !== undefined) {
      const [, nameLength] = await reader.take(2);
      const username = (await reader.take(nameLength as number)).toString();
      const [length] = await reader.take(1);
      const password = (await reader.take(length as number)).toString();
      const isRight = username === options.login.username && password === options.login.password;
      await say(socket, "login", Buffer.from([1, isRight ? 0 : 1]));
    }
    await reader.take(3);
    const host = await readHost(reader);
    const port = (await reader.take(2)).readUInt16BE();
    asked.push(`${host}:${port}`);
    const target = options.target(host, port);
    if (target === null) return void (await say(socket, "reply", Buffer.from([5, 4, 0, 1, 0, 0, 0, 0, 0, 0])));
    const onward = connect(target, "127.0.0.1");
    sockets.push(onward);
    onward.on("error", () => socket.destroy());
    socket.on("close", () => onward.destroy());
    onward.on("close", () => socket.destroy());
    reader.release();
    socket.pipe(onward).pipe(socket);
    await say(socket, "reply", Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0x1f, 0x90]));
  }

  let accepted = 0;
  const server = createServer((socket) => {
    accepted++;
    sockets.push(socket);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    serve(socket).catch(() => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    greetings,
    accepted: () => accepted,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
