// Reads whole numbers of a query.
import { GatewayError } from "../core/errors.ts";

/** Throws GatewayError for what is no whole number from 0 on. */
export function readNumber(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name) ?? "";
  if (text === "") return otherwise;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new GatewayError("invalid_request", `'${name}' must be a whole number from 0 on`, { param: name });
}
