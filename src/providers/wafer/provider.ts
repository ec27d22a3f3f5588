// Wafer: OpenAI's form; knows max_tokens in every version.
import { MAX_TOKENS_ONLY, openaiLike } from "../kit/openai-like.ts";

export const wafer = openaiLike({
  name: "wafer",
  label: "Wafer",
  baseUrl: "https://pass.wafer.ai",
  environment: ["WAFER_API_KEY", "WAFER_PASS_API_KEY"],
  operations: ["chat", "completions", "models"],
  renames: () => MAX_TOKENS_ONLY,
});
