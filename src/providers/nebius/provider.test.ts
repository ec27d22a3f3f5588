// Nebius keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { nebius } from "./provider.ts";

testProvider({
  adapter: nebius,
  from: import.meta.url,
  model: "meta-llama/Llama-3.3-70B-Instruct",
  urls: {
    chat: "https://api.tokenfactory.nebius.com/v1/chat/completions",
    completions: "https://api.tokenfactory.nebius.com/v1/completions",
    embeddings: "https://api.tokenfactory.nebius.com/v1/embeddings",
    models: "https://api.tokenfactory.nebius.com/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
