// SGLang: OpenAI's form at an address of one's own.
import { openaiLike } from "../kit/openai-like.ts";

export const sgl = openaiLike({
  name: "sgl",
  label: "SGLang",
  baseUrl: null,
  environment: [],
  operations: ["chat", "embeddings", "models"],
  keyless: true,
});
