// Ollama keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { ollama } from "./provider.ts";

testProvider({
  adapter: ollama,
  from: import.meta.url,
  model: "llama3.2:latest",
  urls: {
    chat: "http://localhost:11434/v1/chat/completions",
    completions: "http://localhost:11434/v1/completions",
    embeddings: "http://localhost:11434/v1/embeddings",
    models: "http://localhost:11434/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
  key: { url: "http://localhost:11434" },
});
