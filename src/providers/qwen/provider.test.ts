// Qwen keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { qwen } from "./provider.ts";

testProvider({
  adapter: qwen,
  from: import.meta.url,
  model: "qwen-plus",
  urls: {
    chat: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions",
    embeddings: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/embeddings",
    models: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
