// What a provider adapter declares: pure descriptions, no socket. Implemented in `providers/<name>/provider.ts`.
import type { Dialect, Loss, Translated } from "./chat.ts";
import type { KeyEntity, ProviderEntity } from "./entities.ts";
import type { ChatFormat, ProviderError, TargetContext } from "./formats.ts";
import type { HeaderView } from "./http.ts";
import type { Operation } from "./operations.ts";
import type { Usage, UsageReport } from "./usage.ts";

/** Where and how one key is used; made once per snapshot entity and kept. */
export interface Connection {
  /** `https://host[:port]` with an optional path prefix, no trailing slash; `demo:` for the built-in provider. */
  readonly baseUrl: string;
  /** Credential and fixed headers. Names in lower case. */
  readonly headers: readonly (readonly [string, string])[];
}

/** A call as it is about to be sent: what a signature is made over. */
export interface CallToSign {
  readonly method: string;
  /** Host with port where it is not the scheme's own. */
  readonly host: string;
  /** Path and query as they go out. */
  readonly path: string;
  readonly body: readonly Uint8Array[];
  /** Unix ms. */
  readonly now: number;
}

/** A call that trades a key's lasting secret for a token of some minutes. It goes by the outbound door, is kept and renewed by the corridor. */
export interface TokenCall {
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  /** Reads a good answer; throws InvalidAnswerError. `lifetime` in ms. */
  read(body: unknown): { readonly token: string; readonly lifetime: number };
}

/**
 * One JSON question and one JSON answer (embeddings, rerank, …) of a provider whose wire is its own, to and from the unified form: OpenAI's
 * for what OpenAI has, else that of the /v1 routes. Pure.
 */
export interface OperationWire {
  /** The unified body (its `model` is the target's already) as the provider takes it. Throws GatewayError. */
  encodeRequest(body: Readonly<Record<string, unknown>>, target: TargetContext): Translated<Record<string, unknown>>;
  /** The provider's answer in the unified form, with `usage` as that form has it. `asked`: the unified body. Throws InvalidAnswerError. */
  decodeResponse(body: unknown, asked: Readonly<Record<string, unknown>>, target: TargetContext): UnifiedAnswer;
}

/** A question in the unified form on its way to one target; `wire` null: the provider takes that form. */
export interface UnifiedQuestion {
  readonly asked: Readonly<Record<string, unknown>>;
  readonly wire: OperationWire | null;
  readonly target: TargetContext;
}

export interface UnifiedAnswer {
  readonly body: Record<string, unknown>;
  readonly usage: Usage;
  /** Null: `usage` says all. */
  readonly report: UsageReport | null;
}

export interface KeyField {
  readonly name: string;
  readonly label: string;
  readonly required: boolean;
  readonly secret: boolean;
}

/** Told to the corridor beside the status when a provider refuses: what its own words or headers mean. */
export type FailureHint =
  | "rate-limited"
  | "key-rejected"
  | "context-length"
  | "content-policy"
  | "signature-rejected"
  | "model-not-found"
  | null;

export interface ProviderAdapter {
  readonly name: string;
  /** For people: `OpenAI`, `Azure OpenAI`. */
  readonly label: string;
  /** Default base URL, or null when the key or the configuration must name it. */
  readonly baseUrl: string | null;
  /** Variables that switch the provider on without configuration; first found wins. */
  readonly environment: readonly string[];
  readonly keyFields: readonly KeyField[];
  /** Works without a key. */
  readonly keyless: boolean;
  /** The dialect of its chat wire: equal to the client's, the raw lane is taken. */
  readonly dialect: Dialect;
  readonly format: ChatFormat;
  readonly operations: readonly Operation[];
  /** Operations that it has no wire for and that are always told to it by way of its chat. */
  readonly overChat?: readonly Operation[] | undefined;
  /** A model that only chats, whatever else its provider has: asked where the caller lets a text request become a chat. */
  isChatOnly?(model: string): boolean;
  /** `stream_options: {include_usage}` may be sent. */
  readonly takesStreamOptions: boolean;
  /** Output limit to send where the wire demands one. */
  readonly defaultMaxOutputTokens: number;
  /** Top-level fields to rename in a raw body for this model: [from, to]. Usually none. */
  renames(model: string): readonly (readonly [string, string])[];
  connect(provider: ProviderEntity, key: KeyEntity): Connection;
  /** Path and query below the connection's base URL. `model` as the provider spells it; `stream`: the answer is to be a stream. */
  path(operation: Operation, model: string, key: KeyEntity, stream: boolean): string;
  /** Headers that sign this very call, beside the connection's; absent: the connection's say all. Names in lower case. */
  sign?(call: CallToSign, key: KeyEntity): readonly (readonly [string, string])[];
  /** How a token is got for this key, `Authorization: Bearer`; null or absent: none is needed. Throws a sentence when the key cannot have one. */
  tokenCall?(key: KeyEntity, now: number): TokenCall | null;
  /** Operations (of `operations`) with a wire of their own; the others of one JSON question go in the unified form. */
  readonly wires?: Partial<Readonly<Record<Operation, OperationWire>>>;
  /** Last changes to a translated body; returns what had to be dropped. Mutates `body`. */
  adjust(body: Record<string, unknown>, model: string): Loss[];
  readError(status: number, body: Buffer): ProviderError;
  /** What this refusal means beyond its status. */
  hint(status: number, error: ProviderError): FailureHint;
  /** How long the provider asks to be left alone, ms from now; null when it does not say. */
  restHint(headers: HeaderView, now: number): number | null;
  /** Reads a models list answer; throws InvalidAnswerError. */
  readModels(body: unknown): readonly {
    readonly id: string;
    readonly contextWindow: number | null;
    readonly created: number | null;
    readonly ownedBy: string | null;
  }[];
}

/** The registry as a port: adapters by name. */
export interface ProviderRegistry {
  get(name: string): ProviderAdapter | undefined;
  all(): readonly ProviderAdapter[];
}

/** How an operation reaches a provider: by the operation's own wire, or by way of its chat. */
export type Way = "own" | "chat";

/** The way of an operation to a model of this provider; null: it does not offer it. `convertText`: text may become a chat. */
export function wayOf(
  adapter: Pick<ProviderAdapter, "operations" | "overChat" | "isChatOnly">,
  operation: Operation,
  model: string,
  convertText: boolean,
): Way | null {
  // whoever chats answers a Responses request: its form says nothing that a chat could not
  const converts = operation === "responses" || (operation === "completions" && convertText);
  if (adapter.operations.includes(operation)) return converts && adapter.isChatOnly?.(model) === true ? "chat" : "own";
  if (adapter.overChat?.includes(operation)) return "chat";
  return converts && adapter.operations.includes("chat") ? "chat" : null;
}
