// Openai keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { openai } from "./provider.ts";

testProvider({
  adapter: openai,
  from: import.meta.url,
  model: "gpt-4o",
  urls: {
    chat: "https://api.openai.com/v1/chat/completions",
    completions: "https://api.openai.com/v1/completions",
    embeddings: "https://api.openai.com/v1/embeddings",
    models: "https://api.openai.com/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
