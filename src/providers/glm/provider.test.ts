// GLM keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { glm } from "./provider.ts";

testProvider({
  adapter: glm,
  from: import.meta.url,
  model: "glm-4.6",
  urls: {
    chat: "https://api.z.ai/api/paas/v4/chat/completions",
    models: "https://api.z.ai/api/paas/v4/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
