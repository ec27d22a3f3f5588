// Anthropic keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { anthropic } from "./provider.ts";

testProvider({
  adapter: anthropic,
  from: import.meta.url,
  model: "claude-3-5-sonnet-20241022",
  urls: {
    chat: "https://api.anthropic.com/v1/messages",
    models: "https://api.anthropic.com/v1/models?limit=1000",
  },
  credential: ["x-api-key", SECRET],
});
