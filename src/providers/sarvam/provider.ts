// Sarvam AI: OpenAI's form with a credential header of its own; knows only max_tokens.
import type { FailureHint } from "../../core/provider.ts";
import { MAX_TOKENS_ONLY, openaiLike } from "../kit/openai-like.ts";

/** A lack of credit comes as a 429, and a service under load as a 503 that speaks of limits: each by its code. */
const HINTS = new Map<string | undefined, FailureHint>([
  ["invalid_api_key_error", "key-rejected"],
  ["insufficient_quota_error", "key-rejected"],
  ["rate_limit_exceeded_error", "rate-limited"],
]);

export const sarvam = openaiLike({
  name: "sarvam",
  label: "Sarvam AI",
  baseUrl: "https://api.sarvam.ai",
  environment: ["SARVAM_API_KEY"],
  operations: ["chat", "models"],
  credential: { header: "api-subscription-key", prefix: "" },
  takesStreamOptions: false,
  renames: () => MAX_TOKENS_ONLY,
  refuses: ["logit_bias", "logprobs", "top_logprobs", "stream_options", "user", "service_tier", "store"],
  hint: (_status, error) => HINTS.get(error.code),
});
