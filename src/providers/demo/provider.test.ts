// The demo keeps the contract of providers.
import { SECRET, testProvider } from "../kit/contract.ts";
import { demo } from "./provider.ts";

testProvider({
  adapter: demo,
  from: import.meta.url,
  model: "echo",
  urls: {
    chat: "demo:/v1/chat/completions",
    completions: "demo:/v1/completions",
    embeddings: "demo:/v1/embeddings",
    models: "demo:/v1/models",
  },
  credential: ["authorization", `Bearer ${SECRET}`],
});
