// OpenCode Go: OpenAI's form in front of models of many vendors, by subscription.
import { openaiLike } from "../kit/openai-like.ts";

export const opencodeGo = openaiLike({
  name: "opencode-go",
  label: "OpenCode Go",
  baseUrl: "https://opencode.ai/zen/go",
  environment: ["OPENCODE_GO_API_KEY"],
  operations: ["chat", "models"],
  // A model that it does not have comes with the status of a bad key.
  hint: (_status, error) => (error.type === "ModelError" ? "model-not-found" : undefined),
});
