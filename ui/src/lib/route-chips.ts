// The tries of a request in a word each: `azure 503`, then `openai`.
import type { LiveAttempt } from "../../../src/core/live.ts";

/** One try. */
export interface RouteChip {
  readonly index: number;
  readonly provider: string;
  /** Why it did not answer; empty: it did, or is under way. */
  readonly word: string;
  readonly tone: "good" | "bad" | "info" | "off";
  /** In full, on hover. */
  readonly title: string;
}

export type ChipAttempt = Pick<LiveAttempt, "provider" | "model" | "key" | "status" | "outcome" | "error" | "end">;

/** Of many tries the first and the last two, with how many stand between. */
export function chipsOf(
  attempts: readonly ChipAttempt[],
  isRunning: boolean,
): { readonly chips: readonly RouteChip[]; readonly hidden: number } {
  const chips = attempts.map((attempt, index) => chipOf(attempt, index, isRunning));
  if (chips.length <= 4) return { chips, hidden: 0 };
  return { chips: [chips[0] as RouteChip, ...chips.slice(-2)], hidden: chips.length - 3 };
}

function chipOf(attempt: ChipAttempt, index: number, isRunning: boolean): RouteChip {
  const { provider, model, outcome, error } = attempt;
  const name = `${provider}/${model}${attempt.key === "" ? "" : `, key ${attempt.key}`}`;
  if (attempt.end === null && outcome === "") {
    const word = isRunning ? "under way" : "given up";
    return {
      index,
      provider,
      word: isRunning ? "" : word,
      tone: isRunning ? "info" : "off",
      title: `${name}: ${word}`,
    };
  }
  if (outcome === "") return { index, provider, word: "", tone: "good", title: `${name}: answered` };
  const kind = outcome.replaceAll(/[_-]/g, " ");
  const word = attempt.status === null ? kind : String(attempt.status);
  const title = `${name}: ${kind}${error === "" ? "" : `, ${error}`}`;
  return { index, provider, word, tone: outcome === "cancelled" ? "off" : "bad", title };
}
