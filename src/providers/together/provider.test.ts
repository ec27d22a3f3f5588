// Together keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { together } from "./provider.ts";

testProvider({
  adapter: together,
  from: import.meta.url,
  model: "meta-llama/Llama-3.3-70B-Instruct-Turbo",
  urls: {
    chat: "https://api.together.xyz/v1/chat/completions",
    completions: "https://api.together.xyz/v1/completions",
    embeddings: "https://api.together.xyz/v1/embeddings",
    models: "https://api.together.xyz/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
