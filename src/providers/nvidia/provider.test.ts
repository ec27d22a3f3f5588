// Nvidia keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { nvidia } from "./provider.ts";

testProvider({
  adapter: nvidia,
  from: import.meta.url,
  model: "meta/llama-3.1-8b-instruct",
  urls: {
    chat: "https://integrate.api.nvidia.com/v1/chat/completions",
    embeddings: "https://integrate.api.nvidia.com/v1/embeddings",
    models: "https://integrate.api.nvidia.com/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
