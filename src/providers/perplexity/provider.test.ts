// Perplexity keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { perplexity } from "./provider.ts";

testProvider({
  adapter: perplexity,
  from: import.meta.url,
  model: "sonar",
  urls: {
    chat: "https://api.perplexity.ai/chat/completions",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
