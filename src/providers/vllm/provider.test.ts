// Vllm keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { vllm } from "./provider.ts";

testProvider({
  adapter: vllm,
  from: import.meta.url,
  model: "Qwen/Qwen2.5-7B-Instruct",
  urls: {
    chat: "http://localhost:8000/v1/chat/completions",
    completions: "http://localhost:8000/v1/completions",
    embeddings: "http://localhost:8000/v1/embeddings",
    models: "http://localhost:8000/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
  key: { url: "http://localhost:8000/v1" },
});
