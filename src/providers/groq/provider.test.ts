// Groq keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { groq } from "./provider.ts";

testProvider({
  adapter: groq,
  from: import.meta.url,
  model: "llama-3.3-70b-versatile",
  urls: {
    chat: "https://api.groq.com/openai/v1/chat/completions",
    models: "https://api.groq.com/openai/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
