// The canonical chat form: what every dialect is decoded to and encoded from. Shapes only.
import type { Usage, UsageReport } from "./usage.ts";

/** The wire forms we speak, inbound and outbound. */
export type Dialect = "openai" | "anthropic";

/** Anthropic's prompt-cache marker; carried through where the target has the notion, else a `hint` loss. */
export interface CacheControl {
  readonly type: "ephemeral";
  readonly ttl?: string | undefined;
}

export type MediaSource =
  | { readonly type: "url"; readonly url: string }
  | { readonly type: "base64"; readonly mediaType: string; readonly data: string };

interface Marked {
  readonly cacheControl?: CacheControl | undefined;
}

export interface TextPart extends Marked {
  readonly type: "text";
  readonly text: string;
  /** As the dialect of origin spells them; carried only within that dialect. */
  readonly citations?: readonly unknown[] | undefined;
}
export interface ImagePart extends Marked {
  readonly type: "image";
  readonly source: MediaSource;
  readonly detail?: "auto" | "low" | "high" | undefined;
}
export interface FilePart extends Marked {
  readonly type: "file";
  readonly source:
    | MediaSource
    | { readonly type: "id"; readonly id: string }
    | { readonly type: "text"; readonly text: string };
  readonly name?: string | undefined;
}
export interface AudioPart {
  readonly type: "audio";
  readonly data: string;
  readonly format: string;
}
export interface RefusalPart {
  readonly type: "refusal";
  readonly text: string;
}
/** Reasoning. `issuer` names the provider type whose signature it carries; a signature is never sent to another. */
export interface ThinkingPart {
  readonly type: "thinking";
  readonly text: string;
  readonly signature?: string | undefined;
  readonly issuer?: string | undefined;
}
export interface RedactedThinkingPart {
  readonly type: "redacted-thinking";
  readonly data: string;
  readonly issuer?: string | undefined;
}
/** `arguments` is the JSON text as the model wrote it; it may be invalid and is then carried as it is. */
export interface ToolCallPart extends Marked {
  readonly type: "tool-call";
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}
export interface ToolResultPart extends Marked {
  readonly type: "tool-result";
  readonly id: string;
  readonly content: readonly (TextPart | ImagePart | FilePart)[];
  readonly isError?: boolean | undefined;
}

export type Part =
  | TextPart
  | ImagePart
  | FilePart
  | AudioPart
  | RefusalPart
  | ThinkingPart
  | RedactedThinkingPart
  | ToolCallPart
  | ToolResultPart;

/** System text may stand anywhere in the list; tool results are messages of role `tool`, one result or several each. */
export interface Message {
  readonly role: "system" | "developer" | "user" | "assistant" | "tool";
  readonly content: readonly Part[];
  readonly name?: string | undefined;
}

export interface Tool extends Marked {
  readonly type: "function";
  readonly name: string;
  readonly description?: string | undefined;
  /** JSON Schema of the arguments. */
  readonly parameters?: Record<string, unknown> | undefined;
  readonly strict?: boolean | undefined;
}

export type ToolChoice =
  | { readonly type: "auto" | "none" | "required" }
  | { readonly type: "tool"; readonly name: string };

export type ResponseFormat =
  | { readonly type: "text" }
  | { readonly type: "json" }
  | {
      readonly type: "json-schema";
      readonly name: string;
      readonly schema: Record<string, unknown>;
      readonly strict?: boolean | undefined;
      readonly description?: string | undefined;
    };

/** `effort` none | minimal | low | medium | high | xhigh, or a token budget, or only on/off. */
export interface Reasoning {
  readonly enabled?: boolean | undefined;
  readonly effort?: string | undefined;
  readonly maxTokens?: number | undefined;
}

export interface ChatRequest {
  /** As the target spells it; the corridor sets it before encoding. */
  readonly model: string;
  readonly messages: readonly Message[];
  readonly tools?: readonly Tool[] | undefined;
  readonly toolChoice?: ToolChoice | undefined;
  readonly parallelToolCalls?: boolean | undefined;
  readonly responseFormat?: ResponseFormat | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly stop?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  readonly n?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly logitBias?: Record<string, number> | undefined;
  readonly logprobs?: boolean | undefined;
  readonly topLogprobs?: number | undefined;
  readonly reasoning?: Reasoning | undefined;
  readonly serviceTier?: string | undefined;
  readonly user?: string | undefined;
  readonly metadata?: Record<string, unknown> | undefined;
  readonly stream: boolean;
  /** The caller asked for a usage chunk (OpenAI stream_options.include_usage). */
  readonly includeUsage: boolean;
  /** The dialect the caller spoke: the spelling of losses, and whether `extra` may go on. */
  readonly origin?: Dialect | undefined;
  /** Top-level fields that the canonical form has no name for, as they came. */
  readonly extra: Record<string, unknown>;
}

/** `error` never appears here: a failed answer is no answer. */
export type StopReason = "stop" | "length" | "tool-use" | "content-filter" | "stop-sequence" | "pause" | "refusal";

export interface Choice {
  readonly index: number;
  /** Text, refusal, thinking, redacted-thinking and tool-call parts in the order of the answer. */
  readonly content: readonly Part[];
  readonly stopReason: StopReason | null;
  /** The sequence that ended the answer, where the provider names it. */
  readonly stopSequence?: string | undefined;
  readonly logprobs?: unknown;
}

export interface ChatResponse {
  readonly id: string;
  readonly model: string;
  /** Unix seconds. */
  readonly created: number;
  readonly choices: readonly Choice[];
  readonly usage: Usage;
  /** The report that `usage` is from, where that says more. */
  readonly report?: UsageReport | null | undefined;
  readonly serviceTier?: string | undefined;
  readonly systemFingerprint?: string | undefined;
}

/** What a translation could not carry. `hint`: reported only; `loss`: refused with 400 under `x-bf-strict: true`. */
export interface Loss {
  /** The field as the caller spelled it, e.g. `logit_bias` or `messages[2].content[0].audio`. */
  readonly field: string;
  readonly kind: "hint" | "loss";
}

export interface Translated<T> {
  readonly value: T;
  readonly losses: readonly Loss[];
}
