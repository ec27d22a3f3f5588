// Opens the port: accepts connections up to a limit, sweeps their deadlines, drains them at the end.
import { createServer, type Server, type Socket } from "node:net";
import type { Clock } from "../core/ports.ts";
import { systemClock } from "../lib/clock.ts";
import { Connection } from "./connection.ts";
import { Door, SWEEP_INTERVAL } from "./door.ts";
import type { Gate } from "./gate.ts";
import { type DoorLimits, doorLimits } from "./limits.ts";

export interface ListenOptions {
  /** A name or an address; `localhost` means 127.0.0.1 and, where IPv6 exists, ::1. */
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly gate: Gate;
  readonly limits?: Partial<DoorLimits> | undefined;
  readonly clock?: Clock | undefined;
}

/** Why a port could not be opened; `code` is the system's word, EADDRINUSE foremost. */
export class ListenError extends Error {
  readonly code: string;
  readonly host: string;
  readonly port: number;

  constructor(code: string, host: string, port: number, cause: unknown) {
    super(`cannot listen on ${host} port ${port}: ${code}`, { cause });
    this.name = "ListenError";
    this.code = code;
    this.host = host;
    this.port = port;
  }
}

const BACKLOG = 4096;
/** A peer that vanished without a word shows by its silence to TCP's own probes, ms. */
const PROBE_AFTER = 30_000;
/** What the system says of ::1 where there is no IPv6. */
const NO_IPV6 = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL", "ENOTSUP"]);
const TRIES = 5;

/** An open port. */
export class Listener {
  readonly port: number;
  /** The addresses it listens on. */
  readonly addresses: readonly string[];
  private readonly servers: readonly Server[];
  private readonly door: Door;
  private readonly timer: NodeJS.Timeout;

  constructor(servers: readonly Server[], addresses: readonly string[], door: Door) {
    this.port = portOf(servers[0] as Server);
    this.addresses = addresses;
    this.servers = servers;
    this.door = door;
    this.timer = setInterval(() => door.sweep(), SWEEP_INTERVAL);
    this.timer.unref();
  }

  /** Open connections. */
  get connections(): number {
    return this.door.guests.size;
  }

  /** Accepts no more, closes idle connections at once, lets answers in progress end, and cuts off after `limit` ms. */
  async drain(limit: number): Promise<void> {
    for (const server of this.servers) server.close();
    await this.door.drain(limit);
    clearInterval(this.timer);
  }

  /** Closes everything at once. */
  close(): void {
    clearInterval(this.timer);
    for (const server of this.servers) server.close();
    this.door.destroyAll();
  }
}

/** Opens the port; throws a ListenError when that fails. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const door = new Door(options.gate, doorLimits(options.limits), options.clock ?? systemClock);
  if (options.host !== "localhost") {
    const server = await open(door, options.host, options.port);
    return new Listener([server], [options.host], door);
  }
  for (let tries = 1; ; tries++) {
    const first = await open(door, "127.0.0.1", options.port);
    try {
      const second = await open(door, "::1", portOf(first));
      return new Listener([first, second], ["127.0.0.1", "::1"], door);
    } catch (error) {
      if (error instanceof ListenError && NO_IPV6.has(error.code)) return new Listener([first], ["127.0.0.1"], door);
      first.close();
      // A port that the system chose for the one may be taken on the other.
      if (options.port !== 0 || tries === TRIES) throw error;
    }
  }
}

function open(door: Door, host: string, port: number): Promise<Server> {
  const settings = { pauseOnConnect: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: PROBE_AFTER };
  const server = createServer(settings, (socket) => admit(socket, door));
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(new ListenError(cause.code ?? "EUNKNOWN", host, port, cause)),
    );
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.removeAllListeners("error");
      server.on("error", ignore); // a failed accept (no descriptor left) concerns that client alone
      resolve(server);
    });
  });
}

function admit(socket: Socket, door: Door): void {
  if (door.draining || door.guests.size >= door.limits.maxConnections) {
    socket.on("error", ignore);
    socket.destroy();
    return;
  }
  // The guest list of the door and the socket's listeners hold it.
  void new Connection(socket, door);
}

function portOf(server: Server): number {
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
}

function ignore(): void {}
