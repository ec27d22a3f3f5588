// OpenCode Zen: OpenAI's form in front of models of many vendors, paid by use.
import { openaiLike } from "../kit/openai-like.ts";

export const opencodeZen = openaiLike({
  name: "opencode-zen",
  label: "OpenCode Zen",
  baseUrl: "https://opencode.ai/zen",
  environment: ["OPENCODE_ZEN_API_KEY", "OPENCODE_API_KEY"],
  operations: ["chat", "models"],
  // A model that it does not have comes with the status of a bad key.
  hint: (_status, error) => (error.type === "ModelError" ? "model-not-found" : undefined),
});
