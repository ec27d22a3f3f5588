// SGLang: OpenAI's form at an address of one's own.
import { openaiLike } from "../kit/openai-like.ts";

export const sgl = openaiLike({
  name: "sgl",
  label: "SGLang",
  baseUrl: null,
  // Its address: there is no key to switch it on with.
  environment: ["SGLANG_BASE_URL"],
  operations: ["chat", "completions", "embeddings", "models"],
  keyless: true,
});
