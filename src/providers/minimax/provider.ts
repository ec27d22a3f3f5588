// MiniMax: OpenAI's form with error numbers of its own and the newer name of the output limit.
import type { ProviderError } from "../../core/formats.ts";
import type { FailureHint } from "../../core/provider.ts";
import { openaiFormat } from "../../formats/openai/format.ts";
import { openaiLike } from "../kit/openai-like.ts";

/** Its errors are told by numbers of its own: as `base_resp`, or in brackets behind the message. */
const HINTS: Readonly<Record<string, FailureHint>> = {
  "1002": "rate-limited",
  "1004": "key-rejected",
  "1008": "key-rejected",
  "1026": "content-policy",
  "1027": "content-policy",
  "1039": "rate-limited",
  "2049": "key-rejected",
  "2056": "rate-limited",
};

const RENAMES = [["max_tokens", "max_completion_tokens"]] as const;

/** `base_resp: {status_code, status_msg}` where there is no error object. */
function baseResponse(body: Buffer): ProviderError | null {
  try {
    const { base_resp: told } = JSON.parse(body.toString("utf8")) as { base_resp?: Record<string, unknown> };
    const code = told?.["status_code"];
    const message = told?.["status_msg"];
    if (typeof code !== "number" || typeof message !== "string" || message === "") return null;
    return { message, code: String(code) };
  } catch {
    return null;
  }
}

function hint(_status: number, error: ProviderError): FailureHint | undefined {
  const code = Object.hasOwn(HINTS, error.code ?? "") ? error.code : /\((\d{4})\)$/.exec(error.message)?.[1];
  return code === undefined || !Object.hasOwn(HINTS, code) ? undefined : HINTS[code];
}

export const minimax = openaiLike({
  name: "minimax",
  label: "MiniMax",
  // Keys of the Chinese platform belong to https://api.minimaxi.com: that is a base_url of one's own.
  baseUrl: "https://api.minimax.io",
  environment: ["MINIMAX_API_KEY"],
  operations: ["chat", "models"],
  renames: () => RENAMES,
  refuses: ["parallel_tool_calls", "logit_bias", "logprobs", "top_logprobs", "service_tier", "store"],
  readError: (status, body) => baseResponse(body) ?? openaiFormat.decodeError(status, body),
  hint,
});
