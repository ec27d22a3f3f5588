// Mistral: OpenAI's form with names of its own; a field that it does not know is a 422.
import { openaiLike } from "../kit/openai-like.ts";
import { shortenToolCallIds } from "./tool-call-ids.ts";

const RENAMES = [
  ["max_completion_tokens", "max_tokens"],
  ["seed", "random_seed"],
] as const;

export const mistral = openaiLike({
  name: "mistral",
  label: "Mistral AI",
  baseUrl: "https://api.mistral.ai",
  environment: ["MISTRAL_API_KEY", "MISTRAL_KEY"],
  operations: ["chat", "embeddings", "models"],
  // A 422 since its first day; the last chunk brings the usage unasked.
  takesStreamOptions: false,
  renames: () => RENAMES,
  refuses: ["logit_bias", "logprobs", "top_logprobs", "user", "service_tier", "store", "stream_options"],
  adjust(body) {
    shortenToolCallIds(body);
    return [];
  },
});
