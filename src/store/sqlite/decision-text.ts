// Tells a routing decision and what became of it in words, a line a step.
import type { LogAttempt, LogCandidate, LogDecision } from "../../core/stores.ts";

/** The decision as text; empty when the request was refused before it came to one. */
export function decisionText(decision: LogDecision | null, attempts: readonly LogAttempt[]): string {
  const lines = decision === null ? [] : [...decision.candidates.map(candidateLine), ...choiceLines(decision)];
  return [...lines, ...attempts.map(attemptLine)].join("\n");
}

function candidateLine(candidate: LogCandidate): string {
  const name = `candidate ${candidate.provider}/${candidate.model}`;
  if (candidate.removed !== undefined) return `${name}: removed, ${candidate.removed}`;
  const weight = candidate.weight === null ? "no weight" : `weight ${candidate.weight}`;
  const health = candidate.health === 1 ? "" : `, health ${round(candidate.health)}`;
  return `${name}: ${weight}, share ${round(candidate.share * 100)} %${health}`;
}

function choiceLines(decision: LogDecision): string[] {
  const order = decision.order.map((target) => `${target.provider}/${target.model} (${target.reason})`);
  const drawn = decision.draw === null ? [] : [`drew ${round(decision.draw)} with seed ${decision.seed}`];
  return [...drawn, order.length === 0 ? "nothing to try" : `order: ${order.join(", ")}`];
}

function attemptLine(attempt: LogAttempt, index: number): string {
  const took = attempt.end === null ? "" : ` after ${round(attempt.end - attempt.start)} ms`;
  const key = attempt.key === "" ? "" : `, key ${attempt.key}`;
  const status = attempt.status === null ? "" : ` ${attempt.status}`;
  const end = attempt.outcome === "" ? `answered${status}` : `${attempt.outcome}${status}`;
  const error = attempt.error === "" ? "" : `: ${attempt.error}`;
  return `try ${index + 1}, ${attempt.reason}: ${attempt.provider}/${attempt.model}${key}: ${end}${took}${error}`;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
