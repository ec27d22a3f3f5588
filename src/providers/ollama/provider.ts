// Ollama: OpenAI's form at an address of one's own; takes no credential unless a proxy in front wants one.
import { MAX_TOKENS_ONLY, openaiLike } from "../kit/openai-like.ts";

export const ollama = openaiLike({
  name: "ollama",
  label: "Ollama",
  baseUrl: null,
  // Its address: there is no key to switch it on with.
  environment: ["OLLAMA_BASE_URL", "OLLAMA_API_BASE"],
  operations: ["chat", "completions", "embeddings", "models"],
  keyless: true,
  renames: () => MAX_TOKENS_ONLY,
});
