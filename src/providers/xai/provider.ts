// Grok by xAI: OpenAI's form; its reasoning models refuse penalties and stop sequences, a wrong key is a 400.
import { dropFields, openaiLike } from "../kit/openai-like.ts";

/** Models that reason; those that do not say so in their names. */
const REASONS = /^grok-(3-mini|4|code|[5-9])/;
const PLAIN = /non-reasoning/;

export const xai = openaiLike({
  name: "xai",
  label: "xAI",
  baseUrl: "https://api.x.ai",
  environment: ["XAI_API_KEY"],
  operations: ["chat", "models"],
  adjust: (body, model) =>
    REASONS.test(model) && !PLAIN.test(model)
      ? dropFields(body, ["presence_penalty", "frequency_penalty", "stop"])
      : [],
});
