// Sgl keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { sgl } from "./provider.ts";

testProvider({
  adapter: sgl,
  from: import.meta.url,
  model: "meta-llama/Llama-3.1-8B-Instruct",
  urls: {
    chat: "http://localhost:30000/v1/chat/completions",
    completions: "http://localhost:30000/v1/completions",
    embeddings: "http://localhost:30000/v1/embeddings",
    models: "http://localhost:30000/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
  key: { url: "http://localhost:30000/" },
});
