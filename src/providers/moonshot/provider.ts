// Moonshot AI (Kimi): OpenAI's form; knows only max_tokens, tells an empty account as a 429.
import type { ProviderError } from "../../core/formats.ts";
import type { FailureHint } from "../../core/provider.ts";
import { MAX_TOKENS_ONLY, openaiLike } from "../kit/openai-like.ts";

/** An empty account and an engine under load are both a 429; too long a prompt is told by words alone. */
function hint(status: number, error: ProviderError): FailureHint | undefined {
  if (error.type === "exceeded_current_quota_error") return "key-rejected";
  if (error.type === "engine_overloaded_error" || error.type === "rate_limit_reached_error") return "rate-limited";
  if (error.type === "content_filter") return "content-policy";
  const isLong = /input token length too long|exceeded model token limit|total message size/i.test(error.message);
  return status === 400 && isLong ? "context-length" : undefined;
}

export const moonshot = openaiLike({
  name: "moonshot",
  label: "Moonshot AI (Kimi)",
  // Keys of the Chinese platform belong to https://api.moonshot.cn: that is a base_url of one's own.
  baseUrl: "https://api.moonshot.ai",
  environment: ["MOONSHOT_API_KEY"],
  operations: ["chat", "models"],
  renames: () => MAX_TOKENS_ONLY,
  refuses: ["logit_bias", "logprobs", "top_logprobs"],
  hint,
});
