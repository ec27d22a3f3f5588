// Wafer keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { wafer } from "./provider.ts";

testProvider({
  adapter: wafer,
  from: import.meta.url,
  model: "GLM-5.1",
  urls: {
    chat: "https://pass.wafer.ai/v1/chat/completions",
    completions: "https://pass.wafer.ai/v1/completions",
    models: "https://pass.wafer.ai/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
