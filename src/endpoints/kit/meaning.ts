// What a provider's error means where its dialect is not the caller's: the cases that clients act on.
import type { Dialect } from "../../core/chat.ts";
import type { GatewayError } from "../../core/errors.ts";
import type { Exchange } from "../../core/exchange.ts";

export type Meaning = "context-length" | "overloaded" | "billing" | "rate-limit" | "tool-input";

/** In the order of looking: status (0 = any), codes or types, words of the message. */
const SIGNS: readonly {
  meaning: Meaning;
  status: readonly number[];
  names: readonly string[];
  words: RegExp | null;
}[] = [
  {
    meaning: "context-length",
    status: [],
    names: ["context_length_exceeded", "string_above_max_length"],
    words: /prompt is too long|exceed context limit|maximum context length|context window|too many (?:input )?tokens/i,
  },
  {
    meaning: "billing",
    status: [402],
    names: ["insufficient_quota", "billing_error", "billing_hard_limit_reached"],
    words: /credit balance is too low/i,
  },
  { meaning: "rate-limit", status: [429], names: ["rate_limit_error", "rate_limit_exceeded"], words: null },
  {
    meaning: "overloaded",
    status: [529],
    names: ["overloaded_error", "server_is_overloaded", "slow_down", "engine_overloaded"],
    words: /\boverloaded\b/i,
  },
  {
    meaning: "tool-input",
    status: [],
    names: ["invalid_function_parameters"],
    words: /\binput_schema\b|tool_use|tool_result|tool_call_id|invalid schema for function/i,
  },
];

/** The dialect of the provider whose error it is: not always the one that was asked last. */
function dialectOf(error: GatewayError, exchange: Exchange): Dialect | undefined {
  const provider = error.provider ?? exchange.attempts.at(-1)?.provider;
  return provider === undefined ? undefined : exchange.snapshot.providers.get(provider)?.adapter.dialect;
}

/** True when a provider of the caller's own dialect has named the error's type. */
export function isNativeError(error: GatewayError, exchange: Exchange | null, dialect: Dialect): boolean {
  return exchange !== null && error.isUpstream && dialectOf(error, exchange) === dialect;
}

/** The meaning of an upstream error that has to be worded anew for a caller of `dialect`; null: it stays as it is. */
export function foreignMeaning(error: GatewayError, exchange: Exchange | null, dialect: Dialect): Meaning | null {
  if (exchange === null || !error.isUpstream) return null;
  if ((dialectOf(error, exchange) ?? dialect) === dialect) return null;
  for (const sign of SIGNS) {
    if (sign.status.includes(error.status) || sign.names.includes(error.providerCode ?? "")) return sign.meaning;
    if (sign.names.includes(error.type)) return sign.meaning;
    if (sign.words?.test(error.message)) return sign.meaning;
  }
  return null;
}
