// Reads Azure's errors: the envelope of its API management in front, and the content filter's inner error.
import type { ProviderError } from "../../core/formats.ts";
import type { FailureHint } from "../../core/provider.ts";
import { openaiFormat } from "../../formats/openai/format.ts";

function parse(body: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** The gateway before the models answers `{statusCode, message}`; what lies behind answers in OpenAI's form. */
export function readAzureError(status: number, body: Buffer): ProviderError {
  const value = parse(body);
  const message = value?.["message"];
  if (value === null || value["error"] !== undefined || typeof message !== "string")
    return openaiFormat.decodeError(status, body);
  const code = value["statusCode"] ?? value["code"];
  return code === undefined ? { message } : { message, code: String(code) };
}

/** Azure's own codes; undefined: the common reading. */
export function azureHint(status: number, error: ProviderError): FailureHint | undefined {
  if (error.code === "DeploymentNotFound" || error.code === "OperationNotSupported") return "model-not-found";
  if (error.code === "content_filter" || /ResponsibleAIPolicyViolation|content management policy/.test(error.message))
    return "content-policy";
  // "Requests to the … Operation … have exceeded token rate limit of your current … tier. Please retry after …"
  if (status === 429) return "rate-limited";
  return undefined;
}
