// Token counts of the Anthropic dialect, where input_tokens leaves out what was read from and written to the cache.
import { emptyUsage, type ToldUsage, tokenCount, type Usage } from "../../core/usage.ts";
import { isObject, type JsonObject } from "../read.ts";

const COUNTS = ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"] as const;

/** The counts of one answer as the wire has them; a stream tells them twice, the later ones over the earlier. */
export class UsageCounts {
  readonly #counts = new Map<string, number>();
  #report: JsonObject = {};

  /** Takes a usage object; what is absent or no count leaves the earlier one. */
  take(value: unknown): void {
    if (!isObject(value)) return;
    for (const [name, member] of Object.entries(value))
      if (member !== null && member !== undefined) this.#report[name] = member;
    for (const name of COUNTS) this.#note(name, value[name]);
    const details = value["output_tokens_details"];
    if (isObject(details)) this.#note("thinking_tokens", details["thinking_tokens"]);
  }

  #note(name: string, value: unknown): void {
    const count = tokenCount(value);
    if (count !== null) this.#counts.set(name, count);
  }

  /** All of it so far. */
  get told(): ToldUsage {
    return { usage: this.usage, report: { usage: { ...this.#report }, serviceTier: null } };
  }

  /** In our counting: cached and written tokens are part of the input. */
  get usage(): Usage {
    const usage = emptyUsage();
    const input = this.#counts.get("input_tokens");
    const output = this.#counts.get("output_tokens") ?? null;
    const read = this.#counts.get("cache_read_input_tokens") ?? null;
    const written = this.#counts.get("cache_creation_input_tokens") ?? null;
    const thinking = this.#counts.get("thinking_tokens");
    if (input !== undefined) usage.inputTokens = tokenCount(input + (read ?? 0) + (written ?? 0));
    usage.outputTokens = output;
    usage.cachedTokens = read;
    usage.cacheWriteTokens = written;
    usage.reasoningTokens = thinking !== undefined && (output === null || thinking <= output) ? thinking : null;
    return usage;
  }
}

/** What the usage object of a whole answer says; null: it is none. */
export function toldUsage(value: unknown): ToldUsage | null {
  if (!isObject(value)) return null;
  const counts = new UsageCounts();
  counts.take(value);
  return counts.told;
}

/** Reads the usage object of a whole answer. */
export function decodeUsage(value: unknown): Usage {
  return toldUsage(value)?.usage ?? emptyUsage();
}

/** What a whole answer or event of any kind tells; null: nothing. */
export function findUsage(body: Buffer): ToldUsage | null {
  if (!body.includes('"usage"')) return null;
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return isObject(value) ? toldUsage(value["usage"]) : null;
  } catch {
    return null;
  }
}

/** The usage object of an answer; unknown counts are 0, since this dialect's clients add them up. */
export function encodeUsage(usage: Usage): JsonObject {
  const read = usage.cachedTokens ?? 0;
  const written = usage.cacheWriteTokens ?? 0;
  return {
    input_tokens: Math.max((usage.inputTokens ?? 0) - read - written, 0),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    output_tokens: usage.outputTokens ?? 0,
    ...(usage.reasoningTokens === null ? {} : { output_tokens_details: { thinking_tokens: usage.reasoningTokens } }),
  };
}
