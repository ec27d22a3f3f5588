// Sarvam keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { sarvam } from "./provider.ts";

testProvider({
  adapter: sarvam,
  from: import.meta.url,
  model: "sarvam-105b",
  urls: {
    chat: "https://api.sarvam.ai/v1/chat/completions",
    models: "https://api.sarvam.ai/v1/models",
  },
  credential: ["api-subscription-key", SECRET],
});
