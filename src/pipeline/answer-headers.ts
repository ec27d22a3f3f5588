// Which headers of a provider's answer the caller sees.
import type { HeaderBlock, HeaderView } from "../core/http.ts";
import { isHeaderValue } from "../lib/header-block.ts";

/** Passed on as they are. Cookies, organisation and project ids never are. */
const ALWAYS = [
  "request-id",
  "openai-processing-ms",
  "openai-version",
  "retry-after",
  "retry-after-ms",
  "x-should-retry",
] as const;
/** Tell the state of one provider key: passed on only where no other could have served. */
const LIMITS = {
  openai: [
    "x-ratelimit-limit-requests",
    "x-ratelimit-limit-tokens",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-remaining-tokens",
    "x-ratelimit-reset-requests",
    "x-ratelimit-reset-tokens",
  ],
  anthropic: [
    "anthropic-ratelimit-requests-limit",
    "anthropic-ratelimit-requests-remaining",
    "anthropic-ratelimit-requests-reset",
    "anthropic-ratelimit-tokens-limit",
    "anthropic-ratelimit-tokens-remaining",
    "anthropic-ratelimit-tokens-reset",
  ],
} as const;

function line(headers: HeaderView, name: string): string {
  const value = headers.get(name);
  return value === undefined || !isHeaderValue(value) ? "" : `${name}: ${value}\r\n`;
}

/** Which lines of limits there are beside the provider's own. */
export interface LimitLines {
  /** The provider's tell the caller something. */
  readonly oneKeyOnly: boolean;
  /** How the caller's own limits stand; empty = he has none. They take the place of the provider's. */
  readonly own: string;
}

/** Lines taken over from the provider's head; call it while the head is valid. */
export function passedOnHeaders(
  headers: HeaderView,
  dialect: "openai" | "anthropic",
  { oneKeyOnly, own }: LimitLines,
): HeaderBlock {
  let lines = "";
  for (const name of ALWAYS) lines += line(headers, name);
  if (own !== "") return (lines + own) as HeaderBlock;
  const limits = LIMITS[dialect];
  if (oneKeyOnly && headers.get(limits[0]) !== undefined) for (const name of limits) lines += line(headers, name);
  return lines as HeaderBlock;
}
