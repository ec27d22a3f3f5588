// NVIDIA NIM: OpenAI's form, hosted or on a machine of one's own; takes max_tokens in every version.
import { MAX_TOKENS_ONLY, openaiLike } from "../kit/openai-like.ts";

export const nvidia = openaiLike({
  name: "nvidia",
  label: "NVIDIA NIM",
  baseUrl: "https://integrate.api.nvidia.com",
  environment: ["NVIDIA_API_KEY", "NVIDIA_NIM_API_KEY"],
  operations: ["chat", "embeddings", "models"],
  renames: () => MAX_TOKENS_ONLY,
});
