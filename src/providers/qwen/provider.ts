// Qwen by Alibaba Model Studio: OpenAI's form in its compatible mode; knows only max_tokens.
import type { ProviderError } from "../../core/formats.ts";
import type { FailureHint } from "../../core/provider.ts";
import { MAX_TOKENS_ONLY, openaiLike } from "../kit/openai-like.ts";

/** An account in arrears is a 400; so is a prompt whose length is out of the model's range. */
function hint(status: number, error: ProviderError): FailureHint | undefined {
  if (/^Arrearage$/i.test(error.code ?? "")) return "key-rejected";
  if (/^(InvalidApiKey|AllocationQuota\.FreeTierOnly)$/.test(error.code ?? "")) return "key-rejected";
  if (/^data_?inspection_?failed$/i.test(error.code ?? "")) return "content-policy";
  if (/^(limit_requests|limit_burst_rate|Throttling)/i.test(error.code ?? "")) return "rate-limited";
  const isLong = /range of input length should be|input length exceed/i.test(error.message);
  return status === 400 && isLong ? "context-length" : undefined;
}

export const qwen = openaiLike({
  name: "qwen",
  label: "Qwen (Alibaba Model Studio)",
  // Keys of other regions belong to their own hosts (dashscope.aliyuncs.com, dashscope-us…): a base_url of one's own.
  baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode",
  environment: ["DASHSCOPE_API_KEY"],
  operations: ["chat", "embeddings", "models"],
  renames: () => MAX_TOKENS_ONLY,
  refuses: ["logit_bias"],
  hint,
});
