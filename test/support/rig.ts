// A gateway over one fault upstream that plays all of its providers, with more providers than a file's tests use up.
import type { DemoRecord, DemoRequest } from "../../src/providers/demo/options.ts";
import { ask, type Question, type Reply } from "./conversation.ts";
import { type FaultUpstream, startFaultUpstream } from "./fault-upstream.ts";
import { freePort, type GatewayStart, type LogRow, startTestGateway, type TestGateway } from "./gateway.ts";

/** Of each kind of provider there are several: `kind0`, `kind1` … */
export interface Kind {
  readonly base: "openai" | "anthropic";
  readonly count?: number;
  /** Keys `NAME-1`, `NAME-2` …, each drawn before the next as long as it is well. Default: one. */
  readonly keys?: number;
  /** The keys' value, where it must not be `sk-` and the name. */
  readonly secret?: string;
  readonly network?: Readonly<Record<string, unknown>>;
}

/** What decides a provider's behaviour; null: the model's name does. */
export type Behaviour = (request: DemoRequest, nth: number) => string | null;

export interface Rig {
  readonly gateway: TestGateway;
  readonly upstream: FaultUpstream;
  /** The name of a provider that no test has used. */
  fresh(kind: string, behaviour?: Behaviour): string;
  ask(question: Question): Promise<Reply>;
  /** The requests that this question led to, in order. */
  seen(reply: Pick<Reply, "mark">): DemoRecord[];
  /** The same as `key model`. */
  keysSeen(reply: Pick<Reply, "mark">): string[];
  /** The row of this question in the request log. */
  row(reply: Pick<Reply, "mark">): Promise<LogRow>;
  close(): Promise<void>;
}

/** Quick timeouts, no retries. */
const NETWORK = { default_request_timeout_in_seconds: 1, stream_idle_timeout_in_seconds: 0.5 };

export async function startRig(
  kinds: Readonly<Record<string, Kind>>,
  more: Readonly<Record<string, unknown>> = {},
  start: Omit<GatewayStart, "config"> = {},
): Promise<Rig> {
  const behaviours = new Map<string, Behaviour>();
  const counts = new Map<string, number>();
  const upstream = await startFaultUpstream({
    behaviour(request) {
      const provider = providerOf(request.key);
      const nth = (counts.get(provider) ?? 0) + 1;
      counts.set(provider, nth);
      return behaviours.get(provider)?.(request, nth) ?? null;
    },
  });
  const providers: Record<string, unknown> = {};
  for (const [kind, shape] of Object.entries(kinds))
    for (let n = 0; n < (shape.count ?? 1); n++) providers[kind + n] = providerConfig(kind + n, shape, upstream.url);
  const gateway = await startTestGateway({ ...start, config: { providers, ...more } });
  const used = new Map<string, number>();
  const seen = (reply: Pick<Reply, "mark">): DemoRecord[] =>
    upstream.requests.filter((request) => request.body.includes(reply.mark));
  return {
    gateway,
    upstream,
    fresh(kind, behaviour) {
      const n = used.get(kind) ?? 0;
      used.set(kind, n + 1);
      if (n >= (kinds[kind]?.count ?? 1)) throw new Error(`there are no more than ${n} providers of kind ${kind}`);
      if (behaviour !== undefined) behaviours.set(kind + n, behaviour);
      return kind + n;
    },
    ask: (question) => ask(gateway.url, question),
    seen,
    keysSeen: (reply) => seen(reply).map((request) => `${request.key.replace(/^sk-/, "")} ${request.model}`),
    row: async (reply) => (await gateway.logs(1, `client_request_id=${reply.mark}`))[0] as LogRow,
    async close() {
      await gateway.stop();
      await upstream.close();
    },
  };
}

function providerOf(key: string): string {
  return key.replace(/^sk-/, "").replace(/-\d+$/, "");
}

function providerConfig(name: string, kind: Kind, url: string): unknown {
  const keys = Array.from({ length: kind.keys ?? 1 }, (_, i) => ({
    name: `${name}-${i + 1}`,
    value: kind.secret ?? `sk-${name}-${i + 1}`,
    models: ["*"],
    // So far apart that the draw never takes the next while this one is well.
    weight: 1e-9 ** i,
  }));
  return {
    keys,
    network_config: { base_url: url, ...NETWORK, ...kind.network },
    custom_provider_config: { base_provider_type: kind.base },
  };
}

/** An address on which nobody listens. */
export async function deadUrl(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until it is true; `what` names it when it does not become so. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, limit = 5_000): Promise<void> {
  const end = performance.now() + limit;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`after ${limit} ms still not: ${what}`);
    await pause(10);
  }
}
