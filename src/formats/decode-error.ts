// Reads a provider's error body, whatever it is, to a short clean message.
import type { ProviderError } from "../core/formats.ts";
import { isObject, type JsonObject } from "./read.ts";

/** Longer messages are cut. */
const MAX_MESSAGE = 2_000;
/** More of a body is not looked at. */
const MAX_BODY = 256 * 1024;

function text(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  return typeof value === "number" ? String(value) : undefined;
}

function clean(message: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters of a foreign body go no further
  const line = message.replace(/[\u0000-\u001f\u007f]+/g, " ").trim();
  return line.length > MAX_MESSAGE ? `${line.slice(0, MAX_MESSAGE - 1)}…` : line;
}

/** The message of a list of faults as validators tell them: `detail: [{loc, msg}]`. */
function faults(value: unknown): string | undefined {
  if (!Array.isArray(value)) return undefined;
  const messages = value.map((fault) =>
    isObject(fault) ? (text(fault["msg"]) ?? text(fault["message"])) : text(fault),
  );
  const known = messages.filter((message) => message !== undefined);
  return known.length > 0 ? known.join("; ") : undefined;
}

function messageOf(error: JsonObject): string | undefined {
  const inner = isObject(error["message"]) ? messageOf(error["message"]) : text(error["message"]);
  return (
    inner ??
    text(error["detail"]) ??
    faults(error["detail"]) ??
    text(error["error_description"]) ??
    text(error["title"])
  );
}

/** The error that a JSON value tells, under any of the shapes that providers use; null when it tells none. */
export function errorOfJson(value: unknown): ProviderError | null {
  if (Array.isArray(value)) return value.length > 0 ? errorOfJson(value[0]) : null;
  if (!isObject(value)) return null;
  const error = value["error"];
  if (Array.isArray(error) && error.length > 0)
    return errorOfJson(isObject(error[0]) ? { error: error[0] } : { error: String(error[0]) });
  const source = isObject(error) ? error : value;
  const message = isObject(error) ? messageOf(error) : (text(error) ?? messageOf(value) ?? faults(value["errors"]));
  if (message === undefined && !isObject(error)) return null;
  return {
    message: clean(message ?? "the provider gave no message"),
    // `type: "error"` says only that this is an error.
    type: source["type"] === "error" ? undefined : (text(source["type"]) ?? text(source["status"])),
    code: text(source["code"]),
    param: text(source["param"]),
  };
}

function errorOfText(status: number, body: string): ProviderError {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(body)?.[1];
  const looksHtml = /^\s*<(!doctype|html|head|body|\?xml)/i.test(body);
  const message = clean(looksHtml ? (title ?? "") : body);
  return { message: message || `the provider answered with status ${status} and without a message` };
}

/** Reads an error body of any provider; never throws. */
export function decodeError(status: number, body: Buffer): ProviderError {
  const content = body.toString("utf8", 0, Math.min(body.length, MAX_BODY));
  try {
    const error = errorOfJson(JSON.parse(content));
    if (error !== null) return error;
  } catch {
    // no JSON: told as text
  }
  return errorOfText(status, content);
}
