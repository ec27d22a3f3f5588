// OpenRouter: OpenAI's form in front of many providers; errors may come with status 200 and a numeric code.
import type { ProviderError } from "../../core/formats.ts";
import type { FailureHint } from "../../core/provider.ts";
import { openaiLike } from "../kit/openai-like.ts";

/** Its own refusals: moderation is a 403, no endpoint for a model a 404, and the routing preferences a 503. */
function hint(status: number, error: ProviderError): FailureHint | undefined {
  if (status === 403 && /moderation|flagged/i.test(error.message)) return "content-policy";
  if (/not a valid model id|no endpoints found/i.test(error.message)) return "model-not-found";
  return undefined;
}

export const openrouter = openaiLike({
  name: "openrouter",
  label: "OpenRouter",
  baseUrl: "https://openrouter.ai/api",
  environment: ["OPENROUTER_API_KEY"],
  operations: ["chat", "completions", "embeddings", "models"],
  hint,
});
