// Collects what a translation could not carry, each field once.
import type { Loss } from "../core/chat.ts";
import { placeOf } from "./places.ts";

/** A list of losses; a field that is told twice is kept once, as the worse of the two. */
export class LossList {
  readonly #kinds = new Map<string, Loss["kind"]>();

  /** Reported only: the model would answer the same. */
  hint(field: string): void {
    if (!this.#kinds.has(field)) this.#kinds.set(field, "hint");
  }

  /** Changes what the model would do: refused where the caller asked for strictness. */
  loss(field: string): void {
    this.#kinds.set(field, "loss");
  }

  get list(): Loss[] {
    return [...this.#kinds].map(([field, kind]) => ({ field, kind }));
  }
}

/** Top-level fields of either dialect that do not change what the model would do. */
const HINTS = new Set([
  "metadata",
  "service_tier",
  "user",
  "safety_identifier",
  "prompt_cache_key",
  "prompt_cache_retention",
  "prompt_cache_options",
  "cache_control",
  "store",
  "prediction",
  "betas",
  "anthropic_beta",
  "anthropic_version",
  "diagnostics",
  "user_profile_id",
  "workspace_id",
  "speed",
]);

/** Reports the caller's fields that the canonical form has no name for and the target's dialect does not know. */
export function loseExtra(extra: Record<string, unknown>, losses: LossList): void {
  for (const [field, value] of Object.entries(extra)) {
    if (value === null || value === undefined) continue;
    if (field === "tools" && Array.isArray(value))
      for (const tool of value) losses.loss(placeOf(tool as object, "tools"));
    else if (HINTS.has(field)) losses.hint(field);
    else losses.loss(field);
  }
}
