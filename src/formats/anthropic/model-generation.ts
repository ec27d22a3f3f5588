// What a Claude model takes, told by the version in its name: thinking by budget or by effort, sampling parameters or not.

/** Version numbers stand behind the family (claude-sonnet-4-5-20250929) or before it (claude-3-7-sonnet). */
const VERSION = /claude-(?:[a-z]+-)?(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)/;

/**
 * The version times 100, e.g. 405; infinite for a Claude without one, since new models are the rule; 0 for other makers'
 * models behind this dialect, which follow its older form.
 */
function versionOf(model: string): number {
  if (!model.includes("claude")) return 0;
  const match = VERSION.exec(model);
  return match === null ? Number.POSITIVE_INFINITY : Number(match[1]) * 100 + Number(match[2] ?? 0);
}

/** Up to 4.5 thinking takes a token budget and nothing else; later models take `adaptive` with an effort. */
export function thinksByBudget(model: string): boolean {
  return versionOf(model) < 406;
}

/** From 4.7 on, temperature, top_p and top_k are refused unless they have their default. */
export function refusesSampling(model: string): boolean {
  return versionOf(model) >= 407;
}

/** These always think and refuse to be told not to. */
export function alwaysThinks(model: string): boolean {
  return /claude-(fable|mythos)/.test(model);
}
