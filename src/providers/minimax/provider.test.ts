// MiniMax keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { minimax } from "./provider.ts";

testProvider({
  adapter: minimax,
  from: import.meta.url,
  model: "MiniMax-M2.5",
  urls: {
    chat: "https://api.minimax.io/v1/chat/completions",
    models: "https://api.minimax.io/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
