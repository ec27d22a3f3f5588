// Parasail: OpenAI's form, served by vLLM.
import { openaiLike } from "../kit/openai-like.ts";

export const parasail = openaiLike({
  name: "parasail",
  label: "Parasail",
  baseUrl: "https://api.parasail.io",
  environment: ["PARASAIL_API_KEY"],
  operations: ["chat", "models"],
});
