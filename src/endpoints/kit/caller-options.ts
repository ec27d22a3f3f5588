// Reads the options that a caller sets by header into the exchange.
import { GatewayError } from "../../core/errors.ts";
import type { Exchange } from "../../core/exchange.ts";
import { readCallerFacts } from "./caller-facts.ts";

const NANO = 1_000_000_000;
const LONGEST_ID = 128;
const LONGEST_AGENT = 256;
/** A day: nobody waits longer, and the sum with a time stays far from the end of the numbers. */
const LONGEST_TIMEOUT = 86_400_000;

/** Who calls, and for whom: the client's id for the request, its program, user, session and tags. Refuses nothing. */
export function readCallerId(exchange: Exchange): void {
  const { options } = exchange;
  const { headers } = exchange.request;
  const id = headers.get("x-request-id");
  if (id !== undefined && isVisible(id)) options.clientRequestId = id;
  const agent = headers.get("user-agent");
  if (agent !== undefined && agent !== "") options.userAgent = agent.slice(0, LONGEST_AGENT);
  readCallerFacts(exchange);
}

/** Fills `exchange.options`; the client's id first, so that a refusal carries it. Throws GatewayError. */
export function readCallerOptions(exchange: Exchange): void {
  readCallerId(exchange);
  const { options } = exchange;
  const { headers } = exchange.request;
  const strict = headers.get("x-bf-strict");
  if (strict !== undefined) options.strict = readSwitch("x-bf-strict", strict);
  const timeout = headers.get("x-bf-timeout-ms");
  if (timeout !== undefined) options.timeout = readTimeout(timeout);
  const maxCost = headers.get("x-bf-max-cost");
  if (maxCost !== undefined) options.maxCost = readMaxCost(maxCost);
}

/** True for 1 to 128 visible ASCII characters: safe to echo and to keep. */
function isVisible(text: string): boolean {
  if (text.length === 0 || text.length > LONGEST_ID) return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 33 || code > 126) return false;
  }
  return true;
}

/** A header that is true or false. Throws GatewayError. */
export function readSwitch(name: string, value: string): boolean {
  const word = value.toLowerCase();
  if (word === "true" || word === "1") return true;
  if (word === "false" || word === "0" || word === "") return false;
  throw new GatewayError("invalid_request", `the header ${name} must be true or false`, { param: name });
}

/** Dollars, to nano-dollars. */
function readMaxCost(value: string): number {
  const [, whole = "", part = ""] = /^(\d{0,7})(?:\.(\d{0,12}))?$/.exec(value) ?? [];
  if (whole === "" && part === "")
    throw new GatewayError(
      "invalid_request",
      "the header x-bf-max-cost must be an amount in US dollars such as 0.05, below ten million",
      { param: "x-bf-max-cost" },
    );
  return Number(whole) * NANO + Number(part.padEnd(9, "0").slice(0, 9));
}

function readTimeout(value: string): number {
  const ms = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  if (ms > 0 && ms <= LONGEST_TIMEOUT) return ms;
  throw new GatewayError(
    "invalid_request",
    `the header x-bf-timeout-ms must be a whole number of milliseconds from 1 to ${LONGEST_TIMEOUT}`,
    { param: "x-bf-timeout-ms" },
  );
}
