// Mistral keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { mistral } from "./provider.ts";

testProvider({
  adapter: mistral,
  from: import.meta.url,
  model: "mistral-small-latest",
  urls: {
    chat: "https://api.mistral.ai/v1/chat/completions",
    embeddings: "https://api.mistral.ai/v1/embeddings",
    models: "https://api.mistral.ai/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
