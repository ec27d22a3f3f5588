// OpenCode Go keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { opencodeGo } from "./provider.ts";

testProvider({
  adapter: opencodeGo,
  from: import.meta.url,
  model: "kimi-k2.5",
  urls: {
    chat: "https://opencode.ai/zen/go/v1/chat/completions",
    models: "https://opencode.ai/zen/go/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
