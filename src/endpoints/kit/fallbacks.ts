// Reads `fallbacks`: a list of "provider/model" strings or {provider, model} objects, each of which must make sense.
import { GatewayError } from "../../core/errors.ts";
import { nameFault } from "./model-name.ts";

/** More targets than anyone has; the list is planned and recorded entry by entry. */
const MOST = 32;

/** The entries as `provider/model`. Throws GatewayError naming the entry at fault. */
export function readFallbacks(value: unknown): readonly string[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw refusal("must be a list", "fallbacks");
  if (value.length > MOST) throw refusal(`must not have more than ${MOST} entries`, "fallbacks");
  return value.map(readEntry);
}

function readEntry(entry: unknown, index: number): string {
  const at = `fallbacks[${index}]`;
  if (typeof entry === "string") return checkEntry(entry, at);
  if (typeof entry !== "object" || entry === null || Array.isArray(entry))
    throw refusal('must be a "provider/model" string or an object with provider and model', at);
  const { provider, model } = entry as { provider?: unknown; model?: unknown };
  if (typeof provider !== "string" || provider === "" || provider.includes("/"))
    throw refusal(".provider must be the name of a provider", at);
  if (typeof model !== "string" || model === "") throw refusal(".model must be the name of a model", at);
  return checkEntry(`${provider}/${model}`, at);
}

function checkEntry(text: string, at: string): string {
  const fault = nameFault(text);
  if (fault !== null) throw refusal(fault, at);
  const slash = text.indexOf("/");
  if (slash <= 0 || slash === text.length - 1)
    throw refusal('must name a provider and a model, as in "openai/gpt-4o-mini"', at);
  return text;
}

function refusal(fault: string, at: string): GatewayError {
  return new GatewayError("invalid_fallback", `${at}${fault.startsWith(".") ? "" : " "}${fault}`, { param: at });
}
