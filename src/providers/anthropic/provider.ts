// Anthropic: a dialect of its own, with its version header and its way to name a key.

import type { ProviderError } from "../../core/formats.ts";
import type { Operation } from "../../core/operations.ts";
import type { FailureHint, ProviderAdapter } from "../../core/provider.ts";
import { anthropicFormat } from "../../formats/anthropic/format.ts";
import { baseUrlOf } from "../kit/base-url.ts";
import { readHint } from "../kit/hints.ts";
import { readModelsList } from "../kit/models-list.ts";
import { API_KEY_FIELD, credentialHeaders } from "../kit/openai-like.ts";
import { restHint } from "../kit/rest-hint.ts";

const PATHS: Partial<Readonly<Record<Operation, string>>> = {
  chat: "/v1/messages",
  models: "/v1/models?limit=1000",
};
const VERSION = ["anthropic-version", "2023-06-01"] as const;
const NO_RENAMES: readonly (readonly [string, string])[] = [];

/** Anthropic's types are its codes; `overloaded_error` is a server's failure even where its text speaks of capacity. */
function hint(status: number, error: ProviderError): FailureHint {
  if (error.type === "overloaded_error") return null;
  if (error.type === "not_found_error" && /model/i.test(error.message)) return "model-not-found";
  if (error.type === "invalid_request_error" && /^input length and `max_tokens` exceed/i.test(error.message))
    return "context-length";
  return readHint(status, error);
}

export const anthropic: ProviderAdapter = {
  name: "anthropic",
  label: "Anthropic",
  baseUrl: "https://api.anthropic.com",
  environment: ["ANTHROPIC_API_KEY", "ANTHROPIC_KEY"],
  keyFields: [API_KEY_FIELD],
  keyless: false,
  dialect: "anthropic",
  format: anthropicFormat,
  operations: ["chat", "models"],
  // Its own text completions are a wire of their own, for models that are gone.
  overChat: ["completions"],
  takesStreamOptions: false,
  // The wire demands a limit; this one every model takes.
  defaultMaxOutputTokens: 4096,
  renames: () => NO_RENAMES,
  connect: (provider, key) => ({
    baseUrl: baseUrlOf(provider, key, "https://api.anthropic.com", "/v1/messages"),
    headers: credentialHeaders(key.value, { header: "x-api-key", prefix: "" }, [VERSION]),
  }),
  path: (operation) => PATHS[operation] ?? "/v1/messages",
  adjust: () => [],
  readError: (status, body) => anthropicFormat.decodeError(status, body),
  hint,
  restHint,
  readModels: readModelsList,
};
