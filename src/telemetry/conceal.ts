// Takes everything that looks like a credential out of a log line, and everything that is known to be one.
import { maskText } from "../lib/mask.ts";

const MASK = "[masked]";
/** Fields whose value is never shown, whatever it looks like. */
const SECRET_FIELD =
  /^(?:.*[-_])?(?:api[-_]?key|apikey|secret|password|passwd|token|authorization|cookie|credentials?|x-bf-vk|virtual_key_value)$/i;
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // Well-known beginnings of keys and tokens.
  [/\b(?:sk|pk|rk|gsk|xai|pplx|nvapi|fw|hf|ghp|gho|glpat|csk|tgp)[-_][A-Za-z0-9_-]{8,}/g, MASK],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[A-Za-z0-9_-]{20,}|\bya29\.[A-Za-z0-9._-]{10,}/g, MASK],
  [/\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*/g, MASK],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+/gi, `$1 ${MASK}`],
  // name: value and name=value, also inside JSON and query strings.
  [/\b(api[-_]?key|secret|password|token|x-bf-vk|x-goog-api-key)(["']?\s*[:=]\s*["']?)[^\s"'&,}]+/gi, `$1$2${MASK}`],
  [/(:\/\/)[^\s/@:]*:[^\s/@]*@/g, `$1${MASK}@`],
];

/** `text` without credentials. `known` are the secrets of the configuration. */
export function concealText(text: string, known: readonly string[]): string {
  let safe = maskText(text, known);
  for (const [pattern, replacement] of PATTERNS) safe = safe.replace(pattern, replacement);
  return safe;
}

/** Fields that may be written down. */
export function concealFields(
  fields: Readonly<Record<string, string | number>>,
  known: readonly string[],
): Record<string, string | number> {
  const safe: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (SECRET_FIELD.test(name)) safe[name] = MASK;
    else safe[name] = typeof value === "string" ? concealText(value, known) : value;
  }
  return safe;
}
