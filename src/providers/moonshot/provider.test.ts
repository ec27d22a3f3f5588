// Moonshot keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { moonshot } from "./provider.ts";

testProvider({
  adapter: moonshot,
  from: import.meta.url,
  model: "kimi-k2.6",
  urls: {
    chat: "https://api.moonshot.ai/v1/chat/completions",
    models: "https://api.moonshot.ai/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
