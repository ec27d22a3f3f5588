// Makes the adapter of a provider that speaks OpenAI's form from what is peculiar to it.
import type { Loss } from "../../core/chat.ts";
import type { ProviderError } from "../../core/formats.ts";
import type { Operation } from "../../core/operations.ts";
import type { Connection, FailureHint, KeyField, ProviderAdapter } from "../../core/provider.ts";
import { openaiFormat } from "../../formats/openai/format.ts";
import { baseUrlOf } from "./base-url.ts";
import { readHint } from "./hints.ts";
import { readModelsList } from "./models-list.ts";
import { restHint } from "./rest-hint.ts";

/** What an OpenAI-like provider declares. What it leaves out is as OpenAI has it. */
export interface OpenAILikeProvider {
  readonly name: string;
  readonly label: string;
  /** Without `/v1`; null when the key or the configuration must name it. */
  readonly baseUrl: string | null;
  readonly environment: readonly string[];
  readonly operations: readonly Operation[];
  readonly overChat?: readonly Operation[];
  readonly isChatOnly?: (model: string) => boolean;
  /** Default: /v1/chat/completions, /v1/completions, /v1/embeddings, /v1/models. */
  readonly paths?: Partial<Readonly<Record<Operation, string>>>;
  /** Default: `authorization: Bearer KEY`. */
  readonly credential?: { readonly header: string; readonly prefix: string };
  readonly fixedHeaders?: readonly (readonly [string, string])[];
  readonly keyFields?: readonly KeyField[];
  /** Works without a key (local servers). */
  readonly keyless?: boolean;
  /** Default: true. */
  readonly takesStreamOptions?: boolean;
  /** Fields that the provider refuses; dropped from translated bodies and told as losses. */
  readonly refuses?: readonly string[];
  /** Fields with another name there, for raw and translated bodies alike. */
  readonly renames?: (model: string) => readonly (readonly [string, string])[];
  /** Further changes to a translated body. */
  readonly adjust?: (body: Record<string, unknown>, model: string) => Loss[];
  /** Reads the provider's own words first; undefined: the common reading. */
  readonly hint?: (status: number, error: ProviderError) => FailureHint | undefined;
  readonly readError?: (status: number, body: Buffer) => ProviderError;
}

export const OPENAI_PATHS: Readonly<Record<Operation, string>> = {
  chat: "/v1/chat/completions",
  completions: "/v1/completions",
  embeddings: "/v1/embeddings",
  models: "/v1/models",
};

/** The renames of a provider that knows only the older name of the output limit. */
export const MAX_TOKENS_ONLY: readonly (readonly [string, string])[] = [["max_completion_tokens", "max_tokens"]];
const NO_RENAMES: readonly (readonly [string, string])[] = [];
const BEARER = { header: "authorization", prefix: "Bearer " };

export const API_KEY_FIELD: KeyField = { name: "value", label: "API key", required: true, secret: true };
/** The address of a server that runs anywhere. */
export const URL_FIELD: KeyField = { name: "url", label: "URL", required: true, secret: false };

/** The credential's header, or none for a key without a value. */
export function credentialHeaders(
  value: string,
  credential: { readonly header: string; readonly prefix: string },
  fixed: readonly (readonly [string, string])[] = [],
): (readonly [string, string])[] {
  return value === "" ? [...fixed] : [[credential.header, credential.prefix + value], ...fixed];
}

/** Moves renamed fields of a translated body; a field that already has the new name wins. */
export function applyRenames(body: Record<string, unknown>, renames: readonly (readonly [string, string])[]): void {
  for (const [from, to] of renames) {
    if (body[from] === undefined) continue;
    body[to] ??= body[from];
    delete body[from];
  }
}

/** Takes fields out of a translated body; the losses name those that stood there. */
export function dropFields(body: Record<string, unknown>, names: readonly string[]): Loss[] {
  const losses: Loss[] = [];
  for (const field of names) {
    if (body[field] === undefined) continue;
    delete body[field];
    losses.push({ field, kind: "loss" });
  }
  return losses;
}

/** Takes the names of authors out of a translated body's messages, for providers that refuse them; they only hint. */
export function dropNames(body: Record<string, unknown>): Loss[] {
  const losses: Loss[] = [];
  const messages = Array.isArray(body["messages"]) ? (body["messages"] as Record<string, unknown>[]) : [];
  messages.forEach((message, i) => {
    if (message["name"] === undefined) return;
    delete message["name"];
    losses.push({ field: `messages[${i}].name`, kind: "hint" });
  });
  return losses;
}

/** The adapter of an OpenAI-like provider. */
export function openaiLike(own: OpenAILikeProvider): ProviderAdapter {
  const paths = { ...OPENAI_PATHS, ...own.paths };
  const renames = own.renames ?? (() => NO_RENAMES);
  const keyless = own.keyless ?? false;
  const defaultFields = keyless ? [{ ...API_KEY_FIELD, required: false }] : [API_KEY_FIELD];
  return {
    name: own.name,
    label: own.label,
    baseUrl: own.baseUrl,
    environment: own.environment,
    keyFields: own.keyFields ?? (own.baseUrl === null ? [URL_FIELD, ...defaultFields] : defaultFields),
    keyless,
    dialect: "openai",
    format: openaiFormat,
    operations: own.operations,
    overChat: own.overChat,
    isChatOnly: own.isChatOnly ?? (() => false),
    takesStreamOptions: own.takesStreamOptions ?? true,
    defaultMaxOutputTokens: 4096,
    renames,
    connect(provider, key): Connection {
      return {
        baseUrl: baseUrlOf(provider, key, own.baseUrl, paths.chat),
        headers: credentialHeaders(key.value, own.credential ?? BEARER, own.fixedHeaders),
      };
    },
    path: (operation) => paths[operation],
    adjust(body, model) {
      applyRenames(body, renames(model));
      const losses = dropFields(body, own.refuses ?? []);
      return own.adjust === undefined ? losses : losses.concat(own.adjust(body, model));
    },
    readError: own.readError ?? ((status, body) => openaiFormat.decodeError(status, body)),
    hint: (status, error) => own.hint?.(status, error) ?? readHint(status, error),
    restHint,
    readModels: readModelsList,
  };
}
