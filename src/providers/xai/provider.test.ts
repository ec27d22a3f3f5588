// Xai keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { xai } from "./provider.ts";

testProvider({
  adapter: xai,
  from: import.meta.url,
  model: "grok-3",
  urls: {
    chat: "https://api.x.ai/v1/chat/completions",
    models: "https://api.x.ai/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
