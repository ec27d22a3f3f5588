// OpenCode Zen keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { opencodeZen } from "./provider.ts";

testProvider({
  adapter: opencodeZen,
  from: import.meta.url,
  model: "kimi-k2.5",
  urls: {
    chat: "https://opencode.ai/zen/v1/chat/completions",
    models: "https://opencode.ai/zen/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
