// Starts the demo server on a real port of 127.0.0.1, plain or with TLS, as the provider that tests break at will.
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { type DemoOptions, type DemoRecord, newDemoState } from "../../src/providers/demo/options.ts";
import { serveDemo } from "../../src/providers/demo/server.ts";

export interface FaultUpstreamOptions extends DemoOptions {
  /** PEM; with it the upstream speaks TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Default: any free one. */
  readonly port?: number;
}

export interface FaultUpstream {
  /** `http://127.0.0.1:PORT`, or `https://…`; takes the place of a provider's base URL. */
  readonly url: string;
  readonly port: number;
  /** Every request so far, in the order in which they were read. */
  readonly requests: readonly DemoRecord[];
  /** Connections that are open now. */
  readonly connections: () => number;
  /** Breaks every open connection. */
  drop(): void;
  /** Stops listening and breaks every connection. */
  close(): Promise<void>;
}

/** Models that the demo does not know answer like `echo`, unless `acceptAnyModel` is false. */
export async function startFaultUpstream(options: FaultUpstreamOptions = {}): Promise<FaultUpstream> {
  const requests: DemoRecord[] = [];
  const sockets = new Set<Socket>();
  const demo: DemoOptions = {
    acceptAnyModel: true,
    state: newDemoState(),
    ...options,
    onRequest(record) {
      requests.push(record);
      options.onRequest?.(record);
    },
  };
  const accept = (socket: Socket): void => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("close", () => sockets.delete(socket));
    serveDemo(socket, demo);
  };
  const server = options.tls === undefined ? createServer(accept) : createTlsServer(options.tls, accept);
  const port = await listen(server, options.port ?? 0);
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    port,
    requests,
    connections: () => sockets.size,
    drop,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        drop();
      }),
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}
