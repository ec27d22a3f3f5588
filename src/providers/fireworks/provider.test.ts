// Fireworks keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { fireworks } from "./provider.ts";

testProvider({
  adapter: fireworks,
  from: import.meta.url,
  model: "accounts/fireworks/models/llama-v3p3-70b-instruct",
  urls: {
    chat: "https://api.fireworks.ai/inference/v1/chat/completions",
    completions: "https://api.fireworks.ai/inference/v1/completions",
    embeddings: "https://api.fireworks.ai/inference/v1/embeddings",
    models: "https://api.fireworks.ai/inference/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
