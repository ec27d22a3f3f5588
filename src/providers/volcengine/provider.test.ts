// Volcengine keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { volcengine } from "./provider.ts";

testProvider({
  adapter: volcengine,
  from: import.meta.url,
  model: "doubao-seed-1-6-251015",
  urls: {
    chat: "https://ark.cn-beijing.volces.com/api/v3/chat/completions",
    embeddings: "https://ark.cn-beijing.volces.com/api/v3/embeddings",
    models: "https://ark.cn-beijing.volces.com/api/v3/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
