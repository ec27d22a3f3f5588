// Deepseek keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { deepseek } from "./provider.ts";

testProvider({
  adapter: deepseek,
  from: import.meta.url,
  model: "deepseek-chat",
  urls: {
    chat: "https://api.deepseek.com/chat/completions",
    completions: "https://api.deepseek.com/beta/completions",
    models: "https://api.deepseek.com/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
