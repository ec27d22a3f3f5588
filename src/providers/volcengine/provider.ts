// Volcengine Ark (Doubao): OpenAI's form below a path of its own; models may be named by endpoint ids.
import type { ProviderError } from "../../core/formats.ts";
import type { FailureHint } from "../../core/provider.ts";
import { openaiLike } from "../kit/openai-like.ts";

/** Its codes have parts; the first says what it is about. */
function hint(status: number, error: ProviderError): FailureHint | undefined {
  const code = error.code ?? "";
  if (/^(AuthenticationError|AccountOverdueError|AccessDenied)/.test(code)) return "key-rejected";
  if (/^(RateLimitExceeded|QuotaExceeded|ServerOverloaded|SetLimitExceeded)/.test(code)) return "rate-limited";
  if (/^(InvalidEndpoint(OrModel)?|ModelNotOpen|UnsupportedModel)(\.|$)/.test(code)) return "model-not-found";
  if (/SensitiveContentDetected/.test(code)) return "content-policy";
  const isLong = /(input|prompt|total) (length|tokens)\b.{0,40}exceed/i.test(error.message);
  return status === 400 && isLong ? "context-length" : undefined;
}

export const volcengine = openaiLike({
  name: "volcengine",
  label: "Volcengine Ark",
  baseUrl: "https://ark.cn-beijing.volces.com/api/v3",
  environment: ["ARK_API_KEY", "VOLCENGINE_API_KEY"],
  operations: ["chat", "embeddings", "models"],
  paths: { chat: "/chat/completions", embeddings: "/embeddings", models: "/models" },
  hint,
});
