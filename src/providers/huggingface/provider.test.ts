// Hugging Face keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { huggingface } from "./provider.ts";

testProvider({
  adapter: huggingface,
  from: import.meta.url,
  model: "meta-llama/Llama-3.3-70B-Instruct",
  urls: {
    chat: "https://router.huggingface.co/v1/chat/completions",
    models: "https://router.huggingface.co/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
