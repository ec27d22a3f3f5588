// Words a refusal: every limit that is used up, how much, whose it is and when it resets; and which status and code that is.
import { type ErrorCode, GatewayError } from "../core/errors.ts";
import type { PassedOver } from "./admission-ask.ts";
import type { Owner } from "./counter-spec.ts";
import { type LoopCounter, VERDICT } from "./loop-counter.ts";
import type { Block, Refused } from "./waiter.ts";

const SECOND = 1000;
const NANO = 1_000_000_000n;
/** Seconds after which one that was refused because of others may come again. */
const CONTENDED_RETRY = 1;

/** `wall`: Unix ms; `monotonic`: what `standing` was told at counts in it. */
export function refusalError(refused: Refused, wall: number, monotonic: number): GatewayError {
  switch (refused.reason) {
    case "stopping":
      return new GatewayError("shutting_down", "The gateway is shutting down: send the request again.", {
        retryAfter: 1,
      });
    case "store-down":
      return new GatewayError(
        "store_unavailable",
        "The store of budgets and limits does not answer, and this virtual key is not served without it (on_store_down).",
        { retryAfter: 1 },
      );
    case "contended":
      return contended(refused);
    case "limits":
      return limits(refused, wall, monotonic);
  }
}

function contended({ targets }: Refused): GatewayError {
  const blocks = uniqueBlocks(targets.flatMap((target) => target.blocks));
  const held = blocks.map(
    ({ counter }) => `${nameOf(counter.spec.owner)}: ${amountText(counter, BigInt(counter.open))}`,
  );
  return new GatewayError(
    "budget_contended",
    `Requests under way have reserved what is left of a limit (${held.join("; ")} reserved); too many wait for it, or it took too long. Send the request again in a moment.`,
    { retryAfter: CONTENDED_RETRY },
  );
}

function limits({ targets }: Refused, wall: number, monotonic: number): GatewayError {
  const blocked = targets.filter(({ blocks }) => blocks.length > 0);
  if (blocked.length === 0) return passedOver(targets.flatMap(({ passed }) => (passed === null ? [] : [passed])));
  const blocks = uniqueBlocks(blocked.flatMap((target) => target.blocks.filter(isExhausted)));
  const waits = blocked.map((target) => waitOf(target.blocks, wall, monotonic));
  const wait = Math.min(...waits);
  const rates = blocks.filter(({ counter }) => counter.spec.kind !== "budget");
  const code = rates.length > 0 ? rateCode(rates) : "budget_exceeded";
  // finite: never again by waiting is told by x-should-retry alone
  const seconds = Number.isFinite(wait) ? Math.max(1, Math.ceil(wait / SECOND)) : undefined;
  return new GatewayError(code, texts(blocks, rates, wall), {
    retryAfter: seconds ?? (rates.length > 0 ? 3600 : undefined),
  });
}

/** Targets that were not even asked for: lists, prices, bounds. */
function passedOver(passed: readonly PassedOver[]): GatewayError {
  const text = passed.map((each) => each.text).join("; ");
  const tooDear = passed.find(({ reason }) => reason === "max-cost");
  if (tooDear !== undefined) return new GatewayError("max_cost", `Budget exceeded: ${text}.`, paramOf(tooDear));
  const unbound = passed.find(({ reason }) => reason === "no-bound");
  if (unbound !== undefined) return new GatewayError("missing_field", `${text}.`, paramOf(unbound));
  return new GatewayError("model_unpriced", `${text}.`, passed[0] === undefined ? {} : paramOf(passed[0]));
}

function paramOf({ param }: PassedOver): { readonly param?: string } {
  return param === undefined ? {} : { param };
}

function isExhausted({ verdict }: Block): boolean {
  return verdict === VERDICT.exhausted;
}

function uniqueBlocks(blocks: readonly Block[]): Block[] {
  const seen = new Set<string>();
  return blocks.filter(({ counter }) => !seen.has(counter.id) && seen.add(counter.id) !== undefined);
}

/** ms until every limit in the way has room. */
function waitOf(blocks: readonly Block[], wall: number, monotonic: number): number {
  return Math.max(0, ...blocks.filter(isExhausted).map(({ counter }) => resetIn(counter, wall, monotonic)));
}

/** ms; Infinity = not by waiting. How many run at once changes at any moment. */
function resetIn(counter: LoopCounter, wall: number, monotonic: number): number {
  if (counter.spec.kind === "parallel") return SECOND;
  const { standing, toldAt } = counter;
  if (standing === null) return SECOND;
  if (standing.retryAfter !== null) return Math.max(0, standing.retryAfter - (monotonic - toldAt));
  return standing.resetsAt === null ? Number.POSITIVE_INFINITY : Math.max(0, standing.resetsAt - wall);
}

function rateCode(rates: readonly Block[]): ErrorCode {
  const kinds = new Set(rates.map(({ counter }) => (counter.spec.kind === "tokens" ? "tokens" : "requests")));
  if (kinds.size > 1) return "rate_limited";
  return kinds.has("tokens") ? "token_limited" : "request_limited";
}

/** Rate limits by owner first, then budgets, each in the words that clients look for. */
function texts(blocks: readonly Block[], rates: readonly Block[], wall: number): string {
  const byOwner = new Map<string, LoopCounter[]>();
  for (const { counter } of rates) {
    const name = nameOf(counter.spec.owner);
    byOwner.set(name, [...(byOwner.get(name) ?? []), counter]);
  }
  const parts = [...byOwner].map(
    ([name, counters]) =>
      `rate limit violated for ${name}: [${counters.map((each) => rateText(each, wall)).join(", ")}]`,
  );
  const rate = parts.length > 0 ? `Rate limit check failed: ${parts.join("; ")}` : "";
  const budgets = blocks
    .filter(({ counter }) => counter.spec.kind === "budget")
    .map((block) => budgetText(block, wall));
  const budget = budgets.length > 0 ? `Budget exceeded: ${budgets.join("; ")}` : "";
  return [rate, budget].filter((text) => text !== "").join(". ");
}

/** The virtual key itself is the caller's own: its name need not be told. */
function nameOf({ kind, name }: Owner): string {
  return kind === "VK" ? kind : `${kind} ${name}`;
}

function rateText(counter: LoopCounter, wall: number): string {
  const { spec, standing } = counter;
  if (spec.kind === "parallel") return `parallel request limit exceeded (${counter.open}/${spec.limit} under way)`;
  const word = spec.kind === "tokens" ? "token" : "request";
  const use = standing === null ? `limit ${spec.limit}` : `${standing.used}/${standing.limit}`;
  const resets = spec.reset === null ? "" : `, resets every ${spec.reset}`;
  return `${word} limit exceeded (${use}${resets}${resetText(counter, wall)})`;
}

function budgetText({ counter, amount }: Block, wall: number): string {
  const { standing, spec } = counter;
  const name = nameOf(spec.owner);
  if (standing === null) return `${name} budget exceeded`;
  const { used, limit } = standing;
  const when = resetText(counter, wall).replace(/^, /, "");
  const reset = when === "" ? "does not reset by itself" : when;
  if (used < limit)
    return `${name} budget leaves ${dollars(limit - used)} of ${dollars(limit)} dollars and is hard: this request may cost ${dollars(BigInt(amount))}; lower max_tokens (${reset})`;
  return `${name} budget exceeded: ${dollars(used)} >= ${dollars(limit)} dollars (${reset})`;
}

function resetText({ standing }: LoopCounter, wall: number): string {
  if (standing === null) return "";
  const at = standing.resetsAt ?? (standing.retryAfter === null ? null : wall + standing.retryAfter);
  return at === null ? "" : `, next room at ${new Date(at).toISOString()}`;
}

function amountText(counter: LoopCounter, amount: bigint): string {
  return counter.spec.kind === "budget" ? `${dollars(amount)} dollars` : `${amount} ${counter.spec.kind}`;
}

/** Four decimals, as clients know it. */
function dollars(nano: bigint): string {
  const tenThousandths = (nano * 10_000n) / NANO;
  const fraction = String(tenThousandths % 10_000n).padStart(4, "0");
  return `${tenThousandths / 10_000n}.${fraction}`;
}
