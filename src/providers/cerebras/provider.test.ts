// Cerebras keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { cerebras } from "./provider.ts";

testProvider({
  adapter: cerebras,
  from: import.meta.url,
  model: "gpt-oss-120b",
  urls: {
    chat: "https://api.cerebras.ai/v1/chat/completions",
    completions: "https://api.cerebras.ai/v1/completions",
    models: "https://api.cerebras.ai/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
