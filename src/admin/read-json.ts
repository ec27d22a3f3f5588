// Reads the JSON body of a management call: says where it is broken, and refuses by name what it does not know.
import { isUtf8 } from "node:buffer";
import { type ParseError, parse } from "jsonc-parser";
import { GatewayError } from "../core/errors.ts";
import { nearestName } from "../lib/nearest.ts";
import { refuseDoubles } from "./json-doubles.ts";

/** The body as an object without a member given twice. Throws GatewayError with line and column. */
export function readJsonObject(bytes: Uint8Array): Record<string, unknown> {
  // a name whose bytes were replaced would be another name
  if (!isUtf8(bytes)) throw new GatewayError("invalid_json", "the body is not UTF-8 text");
  const text = Buffer.from(bytes).toString("utf8");
  if (text.trim() === "") throw new GatewayError("invalid_json", "the body is empty; a JSON object is expected");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new GatewayError("invalid_json", `the body is not valid JSON${placeOf(text)}`, { cause: error });
  }
  refuseDoubles(text);
  return asObject(value, "the body");
}

/** Where the first fault is; the runtime's own parser tells it for some faults only. */
function placeOf(text: string): string {
  const errors: ParseError[] = [];
  try {
    parse(text, errors, { disallowComments: true });
  } catch {
    return "; it is nested too deeply";
  }
  const offset = errors[0]?.offset ?? text.length;
  const before = text.slice(0, offset);
  return `: line ${before.split("\n").length}, column ${offset - before.lastIndexOf("\n")}`;
}

export function asObject(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new GatewayError("invalid_request", `${name} must be an object, not ${kindOf(value)}`, { param: name });
}

export function asText(value: unknown, name: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new GatewayError("invalid_request", `'${name}' must be a text that is not empty`, { param: name });
}

export function asTexts(value: unknown, name: string): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value))
    throw new GatewayError("invalid_request", `'${name}' must be a list of texts`, { param: name });
  return value.map((entry, index) => asText(entry, `${name}[${index}]`));
}

export function asWholeNumber(value: unknown, name: string, most: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new GatewayError("invalid_request", `'${name}' must be a whole number from 0 to ${most}`, { param: name });
}

/** Throws on a member that is none of `known`. */
export function refuseUnknown(value: Record<string, unknown>, known: readonly string[], prefix = ""): void {
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue;
    const nearest = nearestName(name, known);
    const hint = nearest === undefined ? `known are ${known.join(", ")}` : `did you mean '${prefix}${nearest}'?`;
    const shown = `${prefix}${name.slice(0, 100)}`;
    throw new GatewayError("invalid_request", `unknown field '${shown}'; ${hint}`, { param: shown });
  }
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
