// What a provider adapter declares: pure descriptions, no socket. Implemented in `providers/<name>/provider.ts`.
import type { Dialect, Loss } from "./chat.ts";
import type { KeyEntity, ProviderEntity } from "./entities.ts";
import type { ChatFormat, ProviderError } from "./formats.ts";
import type { HeaderView } from "./http.ts";
import type { Operation } from "./operations.ts";

/** Where and how one key is used; made once per snapshot entity and kept. */
export interface Connection {
  /** `https://host[:port]` with an optional path prefix, no trailing slash; `demo:` for the built-in provider. */
  readonly baseUrl: string;
  /** Credential and fixed headers. Names in lower case. */
  readonly headers: readonly (readonly [string, string])[];
}

/** A call that trades a key's lasting secret for a token of some minutes. It goes by the outbound door; key-tokens.ts keeps and renews what comes. */
export interface TokenCall {
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  /** Reads a good answer; throws InvalidAnswerError. `lifetime` in ms. */
  read(body: unknown): { readonly token: string; readonly lifetime: number };
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
  /** Path and query below the connection's base URL. `model` as the provider spells it. */
  path(operation: Operation, model: string, key: KeyEntity): string;
  /** How a token is got for this key, which goes as `Authorization: Bearer`; null or absent: none is needed. */
  tokenCall?(key: KeyEntity): TokenCall | null;
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
  const converts = operation === "completions" && convertText;
  if (adapter.operations.includes(operation)) return converts && adapter.isChatOnly?.(model) === true ? "chat" : "own";
  if (adapter.overChat?.includes(operation)) return "chat";
  return converts && adapter.operations.includes("chat") ? "chat" : null;
}
