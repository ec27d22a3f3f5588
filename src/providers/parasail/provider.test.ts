// Parasail keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { parasail } from "./provider.ts";

testProvider({
  adapter: parasail,
  from: import.meta.url,
  model: "parasail-llama-33-70b-fp8",
  urls: {
    chat: "https://api.parasail.io/v1/chat/completions",
    models: "https://api.parasail.io/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
