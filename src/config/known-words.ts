// The words of a configuration that are nobody's secret, wherever they stand: names of members, providers and choices.
import { KNOWN_PROVIDERS } from "./known-providers.ts";
import { configSchema } from "./schema/config.ts";
import type { Shape } from "./schema/shape.ts";

let words: Set<string> | null = null;

/** True for a word that may be shown in every snippet. */
export function isKnownWord(word: string): boolean {
  words ??= collect(configSchema as Shape, new Set(KNOWN_PROVIDERS));
  return words.has(word);
}

function collect(shape: Shape, found: Set<string>): Set<string> {
  for (const [name, member] of Object.entries(shape.properties ?? {})) {
    found.add(name);
    collect(member, found);
  }
  for (const choice of shape.enum ?? []) found.add(String(choice));
  const inner = [shape.items, ...(shape.anyOf ?? []), ...Object.values(shape.patternProperties ?? {})];
  for (const one of inner) if (one !== undefined) collect(one, found);
  return found;
}
