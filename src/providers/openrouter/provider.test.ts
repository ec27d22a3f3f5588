// Openrouter keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { openrouter } from "./provider.ts";

testProvider({
  adapter: openrouter,
  from: import.meta.url,
  model: "openai/gpt-4o-mini",
  urls: {
    chat: "https://openrouter.ai/api/v1/chat/completions",
    completions: "https://openrouter.ai/api/v1/completions",
    embeddings: "https://openrouter.ai/api/v1/embeddings",
    models: "https://openrouter.ai/api/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
