// Exchanges for the tests of several rooms: settled as asked, with everything that a test does not name left usual.
import type { Loss, StopReason } from "./chat.ts";
import type { Candidate, Decision, TargetReason } from "./decision.ts";
import type { Endpoint } from "./endpoint.ts";
import type { ContentLevel } from "./entities.ts";
import type { GatewayError } from "./errors.ts";
import { type Attempt, Exchange, type Outcome } from "./exchange.ts";
import type { InboundRequest, Reply } from "./http.ts";
import type { MessageOutline } from "./message-outline.ts";
import type { Snapshot, VirtualKey } from "./snapshot.ts";
import { emptyUsage, type Usage } from "./usage.ts";

export interface ExchangeSpec {
  readonly id?: string;
  readonly acceptedAt?: number;
  readonly endedAt?: number;
  readonly path?: string;
  readonly model?: string;
  readonly stream?: boolean;
  readonly body?: Buffer;
  readonly inputFrom?: number;
  readonly inputTo?: number;
  readonly answer?: Buffer | null;
  readonly answerIsStream?: boolean;
  readonly answerDialect?: "openai" | "anthropic";
  readonly contentLogging?: boolean;
  readonly contentLevel?: ContentLevel;
  readonly contentByRequest?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly userId?: string | null;
  readonly app?: string | null;
  readonly sessionId?: string | null;
  readonly tags?: readonly (readonly [string, string])[];
  readonly outline?: MessageOutline | null;
  readonly sentAt?: number;
  readonly answerEndedAt?: number;
  readonly waited?: number;
  readonly loggingEnabled?: boolean;
  readonly virtualKey?: OwnedKeySpec | null;
  readonly teams?: readonly { readonly id: string; readonly name: string; readonly customerId?: string | null }[];
  readonly customers?: readonly { readonly id: string; readonly name: string }[];
  readonly clientRequestId?: string | null;
  readonly userAgent?: string | null;
  readonly outcome?: Outcome;
  readonly status?: number;
  readonly error?: GatewayError | null;
  readonly stopReason?: StopReason | null;
  readonly usage?: Usage;
  readonly firstTokenAt?: number;
  readonly attempts?: readonly Partial<Attempt>[];
  /** Index of the attempt that answered; -1 = none; absent = the last one where the outcome is success. */
  readonly answeredBy?: number;
  readonly decision?: DecisionSpec | null;
  readonly losses?: readonly Loss[];
}

export interface OwnedKeySpec {
  readonly id: string;
  readonly name: string;
  readonly teamId?: string | null;
  readonly customerId?: string | null;
  readonly contentLevel?: ContentLevel;
}

export interface DecisionSpec {
  readonly seed?: number;
  readonly draw?: number | null;
  readonly engine?: Decision["engine"];
  readonly candidates?: readonly Candidate[];
  readonly order?: readonly {
    readonly provider: string;
    readonly model: string;
    readonly key: string;
    readonly reason: TargetReason;
    readonly askedModel?: string;
  }[];
  readonly rules?: readonly {
    readonly id: string;
    readonly name: string;
    readonly matched: boolean;
    readonly why: string;
  }[];
  readonly rule?: { readonly id: string; readonly name: string } | null;
}

/** One attempt that answered after 3 ms, unless told otherwise. */
export function fixtureAttempt(spec: Partial<Attempt> = {}): Attempt {
  return {
    provider: "openai",
    model: "gpt-4o-mini",
    keyId: "key-1",
    keyName: "main",
    fallbackIndex: 0,
    startedAt: 0.1,
    connectedAt: 0.2,
    headAt: 2,
    firstTokenAt: -1,
    endedAt: 3,
    status: 200,
    outcome: "",
    error: "",
    reason: "planned",
    possiblyBilled: false,
    usage: null,
    rawUsage: null,
    usageOrigin: "none",
    cost: null,
    ...spec,
  };
}

/** Only what records and metrics read of a snapshot, an endpoint and a target is there; the rest is missing. */
function fixtureSnapshot(spec: ExchangeSpec): Snapshot {
  const settings = {
    contentLogging: spec.contentLogging ?? true,
    contentLevel: spec.contentLevel,
    contentByRequest: spec.contentByRequest,
    loggingEnabled: spec.loggingEnabled ?? true,
  };
  const governance = {
    findTeam: (id: string) => spec.teams?.find((team) => team.id === id),
    findCustomer: (id: string) => spec.customers?.find((customer) => customer.id === id),
  };
  return { version: 7, settings, providers: new Map(), governance } as unknown as Snapshot;
}

function fixtureDecision(spec: DecisionSpec): Decision {
  const order = (spec.order ?? []).map((target) => ({
    ...target,
    provider: { name: target.provider },
    key: { name: target.key, id: target.key },
    askedModel: target.askedModel ?? target.model,
  }));
  return {
    seed: spec.seed ?? 1,
    draw: spec.draw ?? null,
    engine: spec.engine ?? "explicit",
    candidates: spec.candidates ?? [],
    order,
    rules: spec.rules ?? [],
    rule: spec.rule ?? null,
    snapshotVersion: 7,
    refusal: null,
  } as unknown as Decision;
}

/** An exchange as it stands before settle, or after it where `endedAt` is given. */
export function fixtureExchange(spec: ExchangeSpec = {}): Exchange {
  const endpoint = { operation: "chat", dialect: "openai", extraFields: true } as unknown as Endpoint;
  const request = {
    method: "POST",
    path: spec.path ?? "/v1/chat/completions",
    headers: { get: (name: string) => spec.headers?.[name] },
    body: { bytes: spec.body ?? Buffer.alloc(0), release: () => {} },
  } as unknown as InboundRequest;
  const reply = {} as Reply;
  const id = spec.id ?? "0199f2c1a0b4c7d8e9f0";
  const exchange = new Exchange(
    id,
    spec.acceptedAt ?? 1_700_000_000_000,
    0,
    endpoint,
    request,
    reply,
    fixtureSnapshot(spec),
  );
  exchange.model = spec.model ?? "openai/gpt-4o-mini";
  exchange.stream = spec.stream ?? false;
  exchange.inputFrom = spec.inputFrom ?? -1;
  exchange.inputTo = spec.inputTo ?? -1;
  exchange.outline = spec.outline ?? null;
  exchange.userId = spec.userId ?? null;
  exchange.app = spec.app ?? null;
  exchange.sessionId = spec.sessionId ?? null;
  exchange.tags = spec.tags ?? [];
  exchange.sentAt = spec.sentAt ?? -1;
  exchange.answerEndedAt = spec.answerEndedAt ?? -1;
  exchange.waited = spec.waited ?? 0;
  exchange.answer = spec.answer ?? null;
  exchange.answerIsStream = spec.answerIsStream ?? false;
  exchange.answerDialect = spec.answerDialect ?? "openai";
  const { virtualKey } = spec;
  exchange.virtualKey = virtualKey ? ({ ...virtualKey, entity: virtualKey } as unknown as VirtualKey) : null;
  exchange.options.clientRequestId = spec.clientRequestId ?? null;
  exchange.options.userAgent = spec.userAgent ?? null;
  exchange.outcome = spec.outcome ?? "success";
  exchange.status = spec.status ?? 200;
  exchange.error = spec.error ?? null;
  exchange.stopReason = spec.stopReason ?? null;
  exchange.usage = spec.usage ?? emptyUsage();
  exchange.firstTokenAt = spec.firstTokenAt ?? -1;
  exchange.endedAt = spec.endedAt ?? -1;
  exchange.attempts.push(...(spec.attempts ?? [{}]).map(fixtureAttempt));
  const answered = spec.answeredBy ?? (exchange.outcome === "success" ? exchange.attempts.length - 1 : -1);
  exchange.answeredBy = exchange.attempts[answered] ?? null;
  exchange.dispatchedAt = exchange.attempts[0]?.startedAt ?? -1;
  exchange.decision = spec.decision ? fixtureDecision(spec.decision) : null;
  exchange.losses = spec.losses ?? [];
  return exchange;
}
