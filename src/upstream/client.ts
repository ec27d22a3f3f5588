// The outbound door: finds the pool of a call's origin, watches the deadlines, and closes what is not used.
import type { Duplex } from "node:stream";
import type { OriginSettings, OutboundCall, Upstream, UpstreamCall, UpstreamHandler } from "../core/http.ts";
import type { Clock } from "../core/ports.ts";
import { systemClock } from "../lib/clock.ts";
import { Roster } from "../lib/roster.ts";
import { Turn } from "../lib/turn.ts";
import { Call } from "./call.ts";
import type { Connection } from "./connection.ts";
import type { DialPlan } from "./dial.ts";
import { guardedLookup, openLookup, type ResolveAll } from "./guarded-lookup.ts";
import { Pool, type PoolHouse } from "./pool.ts";
import { checkRequestLine } from "./request-head.ts";
import { Scratch } from "./request-writer.ts";
import { type Environment, type Route, RouteError, routeOf } from "./route.ts";
import { Trust } from "./trust.ts";

export interface UpstreamOptions {
  /**
   * One end of a new in-memory byte stream whose other end answers as the demo provider, for origin `demo:`.
   * An abort destroys this end; the far one must notice (Node's `duplexPair` shows it the end of its input).
   */
  readonly demo?: () => Duplex;
  /** Proxies and certificate files are read from it, once. */
  readonly environment: Environment;
  readonly log?: (level: "warn" | "error", text: string) => void;
  /** A call found all connections of its origin taken: it waits behind `waiting` others, or was refused. */
  readonly onCapacity?: (url: string, waiting: number, refused: boolean) => void;
  readonly clock?: Clock;
  /** In place of the system's resolver. */
  readonly resolve?: ResolveAll;
}

/** Deadlines and idle connections are looked at this often, ms. */
const SWEEP = 100;
/** A pool without connections is kept this long for its TLS session, ms. */
const POOL_REST = 5 * 60_000;
const READ_BUFFER = 64 * 1024;

/** The outbound door. Throws when a certificate file that the environment names cannot be read. */
export function createUpstream(options: UpstreamOptions): Upstream {
  return new Door(options);
}

class Door implements Upstream, PoolHouse {
  readonly scratch: Scratch;
  readonly turn: Turn;
  closed: boolean;
  private readonly options: UpstreamOptions;
  private readonly clock: Clock;
  private readonly trust: Trust;
  private readonly readBuffer: Buffer;
  private readonly pools: Map<string, Pool>;
  /** The way from a settings object to its pool without looking at the values. */
  private readonly bySettings: WeakMap<OriginSettings, Pool>;
  private readonly busy: Roster<Call>;
  private cooling: [Connection, Pool][];
  private readonly settleAll: () => void;
  private timer: NodeJS.Timeout | null;

  constructor(options: UpstreamOptions) {
    this.scratch = new Scratch();
    this.turn = new Turn();
    this.closed = false;
    this.options = options;
    this.clock = options.clock ?? systemClock;
    this.trust = new Trust(options.environment);
    this.readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER);
    this.pools = new Map();
    this.bySettings = new WeakMap();
    this.busy = new Roster();
    this.cooling = [];
    this.settleAll = () => this.settleCooled();
    this.timer = null;
  }

  send(request: OutboundCall, handler: UpstreamHandler): UpstreamCall {
    checkRequestLine(request.method, request.path);
    const pool = this.poolOf(request.origin);
    const call = new Call(request, handler, pool instanceof Pool ? pool : new Nowhere(this));
    this.watch(call);
    if (pool instanceof Pool) {
      pool.lastUsed = this.now();
      pool.start(call);
    } else process.nextTick(failRoute, call, pool);
    return call;
  }

  close(): void {
    this.closed = true;
    for (const pool of this.pools.values()) pool.closeIdle();
    this.settleCooled();
  }

  now(): number {
    return this.clock.monotonic();
  }

  log(level: "warn" | "error", text: string): void {
    this.options.log?.(level, text);
  }

  forget(call: Call): void {
    this.busy.remove(call);
  }

  onCapacity(url: string, waiting: number, refused: boolean): void {
    this.options.onCapacity?.(url, waiting, refused);
  }

  /**
   * A connection may be used again only after the loop has looked at its socket once more: bytes that the server sent
   * behind an answer are then seen while nobody waits, and cannot be taken for the next answer.
   */
  cool(connection: Connection, pool: Pool): void {
    if (this.cooling.length === 0) setImmediate(this.settleAll);
    this.cooling.push([connection, pool]);
  }

  /** While a call is under way its deadline keeps the process alive, and nothing else of the door does. */
  private watch(call: Call): void {
    this.busy.add(call);
    if (this.timer === null) this.timer = setInterval(() => this.sweep(), SWEEP);
    else if (this.busy.size === 1) this.timer.ref();
  }

  private settleCooled(): void {
    const list = this.cooling;
    this.cooling = [];
    for (const [connection, pool] of list) pool.settle(connection);
  }

  private sweep(): void {
    const now = this.now();
    this.busy.each((call) => call.checkDeadlines(now));
    for (const [key, pool] of this.pools) {
      pool.sweep(now);
      if (pool.isUnused() && now - pool.lastUsed >= POOL_REST) this.retire(key, pool);
    }
    const isNeeded = this.busy.size > 0 || (!this.closed && this.pools.size > 0);
    if (this.timer === null) return;
    if (this.busy.size === 0) this.timer.unref();
    if (isNeeded) return;
    clearInterval(this.timer);
    this.timer = null;
  }

  private retire(key: string, pool: Pool): void {
    pool.retired = true;
    this.pools.delete(key);
    const used = new Set<string>();
    for (const { settings } of this.pools.values()) {
      used.add(settings.caPem ?? "");
      used.add(authoritiesBehind(settings) ?? "");
      used.add(settings.proxy.caPem ?? "");
    }
    this.trust.keepOnly(used);
  }

  private poolOf(settings: OriginSettings): Pool | RouteError {
    const known = this.bySettings.get(settings);
    if (known !== undefined && !known.retired) return known;
    const key = keyOf(settings);
    let pool = this.pools.get(key);
    if (pool === undefined) {
      const route = this.routeOf(settings);
      if (route instanceof RouteError) return route;
      pool = new Pool(settings, this.planOf(settings, route), this);
      this.pools.set(key, pool);
    }
    this.bySettings.set(settings, pool);
    return pool;
  }

  private routeOf(settings: OriginSettings): Route | RouteError {
    try {
      return routeOf(settings, this.options.environment);
    } catch (error) {
      if (error instanceof RouteError) return error;
      throw error;
    }
  }

  private planOf(settings: OriginSettings, route: Route): DialPlan {
    const { trust } = this;
    const { proxy } = settings;
    const isDirect = route.proxy === null && route.socks === null;
    return {
      route,
      demo: this.options.demo,
      allowPrivateNetwork: settings.allowPrivateNetwork,
      lookup: guardedLookup(settings.allowPrivateNetwork, this.options.resolve),
      proxyLookup: openLookup(this.options.resolve),
      trust: () => trust.contextFor(isDirect ? settings.caPem : authoritiesBehind(settings)),
      proxyTrust: () => trust.contextFor(proxy.caPem),
      proxySkipVerify: proxy.insecureSkipVerify === true,
      proxyTimeout: isDirect ? 0 : (proxy.timeout ?? 0),
      insecureSkipVerify: settings.insecureSkipVerify,
      readBuffer: this.readBuffer,
      session: undefined,
    };
  }
}

/** The owner of a call whose settings name no way. */
class Nowhere {
  private readonly door: Door;
  constructor(door: Door) {
    this.door = door;
  }
  now(): number {
    return this.door.now();
  }
  forget(call: Call): void {
    this.door.forget(call);
  }
  log(level: "warn" | "error", text: string): void {
    this.door.log(level, text);
  }
}

function failRoute(call: Call, error: RouteError): void {
  call.fail(error.kind, error.message);
}

/** What is trusted of an origin that is reached through its proxy. */
function authoritiesBehind({ caPem, proxy }: OriginSettings): string | undefined {
  if (proxy.inspects !== true || proxy.caPem === undefined) return caPem;
  return caPem === undefined ? proxy.caPem : `${caPem}\n${proxy.caPem}`;
}

/** Equal values, equal key. */
function keyOf(settings: OriginSettings): string {
  const { proxy } = settings;
  return JSON.stringify([
    settings.url,
    proxy.type,
    proxy.url,
    proxy.username,
    proxy.password,
    proxy.caPem,
    proxy.noProxy,
    proxy.inspects,
    proxy.insecureSkipVerify,
    proxy.timeout,
    settings.caPem,
    settings.insecureSkipVerify,
    settings.keepAlive,
    settings.maxConnections,
    settings.allowPrivateNetwork,
  ]);
}
