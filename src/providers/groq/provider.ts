// Groq: OpenAI's form below /openai; some sampling fields answer with a 400.
import { dropNames, openaiLike } from "../kit/openai-like.ts";

export const groq = openaiLike({
  name: "groq",
  label: "Groq",
  baseUrl: "https://api.groq.com/openai",
  environment: ["GROQ_API_KEY"],
  operations: ["chat", "models"],
  overChat: ["completions"],
  refuses: ["logprobs", "top_logprobs", "logit_bias"],
  adjust: (body) => dropNames(body),
  // 498 is Groq's own status for a flex request that found no capacity.
  hint: (status) => (status === 498 ? "rate-limited" : undefined),
});
