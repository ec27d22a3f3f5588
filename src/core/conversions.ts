// Reads which conversions a caller allows: the header x-bf-compat, and without it the configuration.
import { GatewayError } from "./errors.ts";
import type { HeaderView } from "./http.ts";

const HEADER = "x-bf-compat";

/** `true`, `["*"]`, or a JSON list of names; `false` or an empty list allow none. Null: nothing is said. */
function readNames(headers: HeaderView): boolean | readonly unknown[] | null {
  const value = headers.get(HEADER)?.trim();
  if (value === undefined || value === "") return null;
  try {
    const names: unknown = JSON.parse(value);
    if (typeof names === "boolean" || Array.isArray(names)) return names;
  } catch {
    // told below
  }
  throw new GatewayError(
    "invalid_request",
    `the header ${HEADER} must be true, false or a JSON list of names such as ["convert_text_to_chat"]`,
    { param: HEADER },
  );
}

/** What the caller says of the conversion; null: nothing. Throws GatewayError. */
export function saidOfConversion(headers: HeaderView, name: string): boolean | null {
  const names = readNames(headers);
  if (names === null || typeof names === "boolean") return names;
  return names.includes("*") || names.includes(name);
}

/** Whether the caller allows the conversion; `configured` counts where he says nothing. Throws GatewayError. */
export function allowsConversion(headers: HeaderView, name: string, configured: boolean): boolean {
  return saidOfConversion(headers, name) ?? configured;
}
