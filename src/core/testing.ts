// Stand-ins for requests, replies, snapshots and exchanges, for the tests of every room.
import type { Endpoint } from "./endpoint.ts";
import type { SettingsEntity, VirtualKeyEntity } from "./entities.ts";
import { Exchange } from "./exchange.ts";
import { NO_OWNERS } from "./governance.ts";
import type { HeaderBlock, HeaderView, InboundRequest, Reply, ReplyListener } from "./http.ts";
import type { Snapshot, VirtualKey } from "./snapshot.ts";

class TestHeaders implements HeaderView {
  readonly #fields: Readonly<Record<string, string>>;
  constructor(fields: Readonly<Record<string, string>>) {
    this.#fields = fields;
  }
  get(name: string): string | undefined {
    return this.#fields[name];
  }
  entries(): [string, string][] {
    return Object.entries(this.#fields);
  }
  hasPrefix(prefix: string): boolean {
    return Object.keys(this.#fields).some((name) => name.startsWith(prefix));
  }
}

export interface TestRequest {
  readonly method?: string;
  readonly target?: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly peer?: Partial<InboundRequest["peer"]>;
  /** Told when the body is given back. */
  readonly onRelease?: () => void;
}

/** A request from this machine; POST with JSON when nothing else is said. */
export function testRequest(request: TestRequest = {}): InboundRequest {
  const target = request.target ?? "/v1/chat/completions";
  const mark = target.indexOf("?");
  const body = request.body ?? "";
  return {
    method: request.method ?? "POST",
    target,
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? "" : target.slice(mark + 1),
    headers: new TestHeaders(request.headers ?? { host: "localhost:8080", "content-type": "application/json" }),
    body: {
      bytes: typeof body === "string" ? Buffer.from(body) : body,
      release: () => request.onRelease?.(),
    },
    peer: { address: "127.0.0.1", loopback: true, secure: false, ...request.peer },
  };
}

/** A reply that keeps what it was told. */
export class TestReply implements Reply {
  listener: ReplyListener | null = null;
  gone = false;
  started = false;
  ended = false;
  failed = false;
  status = 0;
  head = "";
  body = "";

  answer(status: number, headers: HeaderBlock, parts: readonly Uint8Array[], done?: () => void): void {
    this.start(status, headers, parts);
    this.ended = true;
    done?.();
  }
  start(status: number, headers: HeaderBlock, first: readonly Uint8Array[]): boolean {
    this.started = true;
    this.status = status;
    this.head = headers;
    return this.write(first);
  }
  write(parts: readonly Uint8Array[]): boolean {
    this.body += Buffer.concat(parts).toString();
    return true;
  }
  end(): void {
    this.ended = true;
  }
  fail(): void {
    this.failed = true;
  }
  /** The value of a header of the answer, or undefined. */
  header(name: string): string | undefined {
    const line = this.head.split("\r\n").find((text) => text.startsWith(`${name}: `));
    return line?.slice(name.length + 2);
  }
}

/** Settings as an empty configuration has them. */
export function testSettings(changes: Partial<SettingsEntity> = {}): SettingsEntity {
  return {
    kind: "settings",
    enforceVirtualKeys: false,
    requiredHeaders: [],
    maxRequestBodyBytes: 100 * 1024 * 1024,
    loggingEnabled: true,
    contentLogging: true,
    allowedOrigins: null,
    allowedHeaders: [],
    whitelistedRoutes: [],
    allowedHosts: [],
    headerAllowlist: [],
    headerDenylist: [],
    ...changes,
  };
}

/** A virtual key by the hash of its secret. */
export function testVirtualKey(valueHash: string, changes: Partial<VirtualKey> = {}): VirtualKey {
  const entity: VirtualKeyEntity = {
    kind: "virtual-key",
    id: changes.id ?? valueHash,
    name: changes.name ?? "a key",
    valueHash,
    active: changes.active ?? true,
    expiresAt: changes.expiresAt ?? null,
    providers: null,
    budgets: [],
    rateLimit: null,
  };
  return { entity, ...entity, ...changes, providers: null };
}

/** A snapshot without providers. */
export function testSnapshot(settings: Partial<SettingsEntity> = {}, keys: readonly VirtualKey[] = []): Snapshot {
  return {
    version: 1,
    settings: testSettings(settings),
    providers: new Map(),
    knownProviders: new Set(["openai", "anthropic"]),
    offers: new Map(),
    governance: NO_OWNERS,
    priceOverrides: [],
    routingRules: [],
    complexity: null,
    findVirtualKey: (valueHash) => keys.find((key) => key.entity.valueHash === valueHash),
    findVirtualKeyById: (id) => keys.find((key) => key.id === id),
    virtualKeyCount: keys.length,
  };
}

let lastId = 0;

/** An exchange for one request to an endpoint, each with an id of its own. */
export function testExchange(endpoint: Endpoint, request: TestRequest = {}, snapshot = testSnapshot()): Exchange {
  const now = performance.now();
  return new Exchange(`test-${++lastId}`, Date.now(), now, endpoint, testRequest(request), new TestReply(), snapshot);
}
