// Decisions in words: why a target stands where it stands, and what share it gets.
import type { ShownCandidate, ShownDecision } from "./types.ts";

const REASONS: Readonly<Record<string, string>> = {
  named: "The request names the provider.",
  drawn: "Drawn by the weights.",
  "only candidate": "The only one left that can serve it.",
  catalogue: "The catalogue names this provider for the model.",
  "automatic fallback": "Next by weight, when those before fail.",
  "fallback named by the caller": "Named as a fallback by the request.",
};

/** Why a planned target stands in the order. */
export function reasonWords(reason: string, decision: Pick<ShownDecision, "rule">): string {
  const rule = decision.rule === undefined ? "" : ` “${decision.rule.name}”`;
  if (reason === "routing rule") return `The rule${rule} sends it here.`;
  if (reason === "fallback of the rule") return `A fallback of the rule${rule}.`;
  return REASONS[reason] ?? `${reason}.`;
}

const ENGINES: Readonly<Record<string, string>> = {
  explicit: "the request itself names the provider",
  governance: "the virtual key’s weights",
  "model-catalog": "the model catalogue",
  "routing-rule": "a routing rule",
};

export function engineWords(decision: Pick<ShownDecision, "engine" | "rule">): string {
  if (decision.rule !== undefined) return `the routing rule “${decision.rule.name}”`;
  return ENGINES[decision.engine] ?? decision.engine;
}

/** Parts of a bar: the configured share of each candidate beside what the draws gave. */
export interface ShareRow {
  readonly name: string;
  /** By the weights; null = not among the candidates. */
  readonly wanted: number | null;
  readonly drawn: number;
}

/** The largest first. */
export function shareRows(candidates: readonly ShownCandidate[], shares: Readonly<Record<string, number>>): ShareRow[] {
  const names = new Set([
    ...candidates.filter(({ share }) => share > 0).map(({ provider, model }) => `${provider}/${model}`),
    ...Object.keys(shares),
  ]);
  return [...names]
    .map((name) => {
      const same = candidates.filter(({ provider, model }) => `${provider}/${model}` === name);
      const wanted = same.reduce((sum, { share }) => sum + share, 0);
      return { name, wanted: same.length === 0 ? null : wanted, drawn: shares[name] ?? 0 };
    })
    .toSorted((a, b) => b.drawn - a.drawn);
}
