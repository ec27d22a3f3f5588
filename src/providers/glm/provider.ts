// GLM by Z.ai (Zhipu): OpenAI's form below a path of its own; error numbers of its own, no penalties.
import type { ProviderError } from "../../core/formats.ts";
import type { FailureHint } from "../../core/provider.ts";
import { dropNames, MAX_TOKENS_ONLY, openaiLike } from "../kit/openai-like.ts";

/** Its errors are told by numbers of its own, as text. */
const HINTS: Readonly<Record<string, FailureHint>> = {
  "1000": "key-rejected",
  "1001": "key-rejected",
  "1002": "key-rejected",
  "1003": "key-rejected",
  "1004": "key-rejected",
  "1110": "key-rejected",
  "1111": "key-rejected",
  "1112": "key-rejected",
  "1113": "key-rejected",
  "1121": "key-rejected",
  "1211": "model-not-found",
  "1220": "key-rejected",
  "1261": "context-length",
  "1301": "content-policy",
  "1302": "rate-limited",
  "1303": "rate-limited",
  "1304": "rate-limited",
  "1305": "rate-limited",
};

function hint(_status: number, error: ProviderError): FailureHint | undefined {
  return Object.hasOwn(HINTS, error.code ?? "") ? HINTS[error.code ?? ""] : undefined;
}

export const glm = openaiLike({
  name: "glm",
  label: "GLM (Z.ai)",
  // Keys of bigmodel.cn belong to https://open.bigmodel.cn/api/paas/v4: that is a base_url of one's own.
  baseUrl: "https://api.z.ai/api/paas/v4",
  environment: ["ZAI_API_KEY", "Z_AI_API_KEY", "GLM_API_KEY"],
  operations: ["chat", "models"],
  paths: { chat: "/chat/completions", models: "/models" },
  // The last chunk brings the usage unasked.
  takesStreamOptions: false,
  renames: () => MAX_TOKENS_ONLY,
  refuses: ["frequency_penalty", "presence_penalty", "logit_bias", "logprobs", "top_logprobs", "n", "stream_options"],
  adjust: (body) => dropNames(body),
  hint,
});
