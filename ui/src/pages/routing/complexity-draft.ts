// The tiers of complexity as a form: texts to and from what the API takes, and the question that tries them.
import type { Simulation } from "./types.ts";

export interface ComplexityConfig {
  readonly tier_boundaries: Readonly<Record<string, number>>;
  readonly keywords: Readonly<Record<string, readonly string[]>>;
}

export interface ComplexityDraft {
  readonly boundaries: Readonly<Record<string, string>>;
  readonly lists: Readonly<Record<string, string>>;
}

export const BOUNDARIES = [
  { name: "simple_medium", label: "MEDIUM from" },
  { name: "medium_complex", label: "COMPLEX from" },
  { name: "complex_reasoning", label: "REASONING from" },
] as const;

export const LISTS = [
  { name: "code_keywords", label: "Words of code" },
  { name: "reasoning_keywords", label: "Words of reasoning" },
  { name: "technical_keywords", label: "Technical words" },
  { name: "simple_keywords", label: "Words of simple requests" },
] as const;

const TIERS = ["SIMPLE", "MEDIUM", "COMPLEX", "REASONING"] as const;

export function draftComplexity(config: ComplexityConfig): ComplexityDraft {
  return {
    boundaries: Object.fromEntries(BOUNDARIES.map(({ name }) => [name, String(config.tier_boundaries[name] ?? "")])),
    lists: Object.fromEntries(LISTS.map(({ name }) => [name, (config.keywords[name] ?? []).join(", ")])),
  };
}

/** Numbers that are none are sent as they are typed: the gateway says what is wrong. */
export function complexityBody(draft: ComplexityDraft): Record<string, unknown> {
  return {
    tier_boundaries: Object.fromEntries(BOUNDARIES.map(({ name }) => [name, asNumber(draft.boundaries[name])])),
    keywords: Object.fromEntries(LISTS.map(({ name }) => [name, wordsOf(draft.lists[name] ?? "")])),
  };
}

function asNumber(text: string | undefined): number | string {
  const value = Number(text);
  return text === undefined || text.trim() === "" || !Number.isFinite(value) ? (text ?? "") : value;
}

function wordsOf(text: string): string[] {
  const words = text.split(/[,\n]/).map((word) => word.trim());
  return [...new Set(words.filter((word) => word !== ""))];
}

/** A configuration with these tiers and one rule for each: the rule that matches names the tier. */
export function trialBody(draft: ComplexityDraft, text: string): Record<string, unknown> {
  const rules = TIERS.map((tier) => ({
    name: tier,
    cel_expression: `complexity_tier == "${tier}"`,
    targets: [{ provider: "demo", model: "echo" }],
  }));
  return {
    body: { model: "demo/echo", messages: [{ role: "user", content: text }] },
    config: { governance: { complexity_analyzer_config: complexityBody(draft), routing_rules: rules } },
  };
}

/** Null: the values cannot be used. */
export function tierOf(answer: Simulation): string | null {
  return answer.decision.rules.find(({ matched }) => matched)?.name ?? null;
}
