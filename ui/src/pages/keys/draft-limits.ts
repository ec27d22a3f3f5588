// Budgets and rate limits while they are typed: texts, so that nothing is lost that is not yet a number.
import type { Budget, Limits } from "./types.ts";

export interface BudgetDraft {
  /** Empty: not stored yet. */
  readonly id: string;
  readonly amount: string;
  /** Empty: prepaid, it never resets. */
  readonly duration: string;
  readonly calendar: boolean;
  readonly hard: boolean;
}

export interface LimitsDraft {
  readonly budgets: readonly BudgetDraft[];
  readonly requests: string;
  readonly requestsPer: string;
  readonly tokens: string;
  readonly tokensPer: string;
  readonly parallel: string;
}

export const NO_LIMITS: LimitsDraft = {
  budgets: [],
  requests: "",
  requestsPer: "1m",
  tokens: "",
  tokensPer: "1m",
  parallel: "",
};

export const NEW_BUDGET: BudgetDraft = { id: "", amount: "", duration: "1M", calendar: true, hard: false };

/** Windows that people choose; others are typed. */
export const DURATIONS = [
  { value: "1h", label: "each hour" },
  { value: "1d", label: "each day" },
  { value: "1w", label: "each week" },
  { value: "1M", label: "each month" },
  { value: "1Y", label: "each year" },
  { value: "", label: "never: prepaid" },
] as const;

export const RATE_DURATIONS = [
  { value: "1s", label: "a second" },
  { value: "1m", label: "a minute" },
  { value: "1h", label: "an hour" },
  { value: "1d", label: "a day" },
] as const;

/** A budget that a link proposes, `?budget=20`, where none is set yet: a set one is the person's to change. */
export function withProposed(limits: LimitsDraft, query: URLSearchParams): LimitsDraft {
  const amount = query.get("budget");
  if (amount === null || limits.budgets.length > 0) return limits;
  return { ...limits, budgets: [{ ...NEW_BUDGET, amount }] };
}

const numberText = (value: number | null | undefined): string =>
  value === null || value === undefined ? "" : `${value}`;

/** Limits as they are stored, to be changed. */
export function limitsDraft({ budgets, rate_limit: rate }: Limits): LimitsDraft {
  return {
    budgets: budgets.map((budget) => ({
      id: budget.id,
      amount: numberText(budget.max_limit),
      duration: budget.reset_duration,
      calendar: budget.calendar_aligned,
      hard: budget.hard === true,
    })),
    requests: numberText(rate?.request_max_limit),
    requestsPer: rate?.request_reset_duration ?? "1m",
    tokens: numberText(rate?.token_max_limit),
    tokensPer: rate?.token_reset_duration ?? "1m",
    parallel: numberText(rate?.max_parallel),
  };
}

/** A number where it is one; else the text as it was typed, which the gateway refuses by its place. */
export function typedNumber(text: string): number | string {
  const plain = text.trim().replace(/^\$/, "");
  return plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : text.trim();
}

/** Dollars stay a text until then, and one that is empty is none. */
function budgetBody(draft: BudgetDraft, before: readonly Budget[]) {
  const known = before.find((budget) => budget.id === draft.id);
  return {
    ...(draft.id === "" ? {} : { id: draft.id }),
    max_limit: draft.amount.trim() === "" ? "" : typedNumber(draft.amount),
    ...(draft.duration === "" ? {} : { reset_duration: draft.duration }),
    ...(draft.duration === "" || (!draft.calendar && known?.calendar_aligned !== true)
      ? {}
      : { calendar_aligned: draft.calendar }),
    ...(draft.hard || known?.hard === true ? { hard: draft.hard } : {}),
  };
}

/** As the API takes them. `before`: what is stored, so that what was emptied is taken off. */
export function limitsBody(draft: LimitsDraft, before: Limits | null) {
  const stored = before?.budgets ?? [];
  const budgets = draft.budgets.map((budget) => budgetBody(budget, stored));
  const rate = {
    ...half("request", draft.requests, draft.requestsPer, before),
    ...half("token", draft.tokens, draft.tokensPer, before),
    ...(draft.parallel.trim() !== ""
      ? { max_parallel: typedNumber(draft.parallel) }
      : (before?.rate_limit?.max_parallel ?? null) !== null
        ? { max_parallel: null }
        : {}),
  };
  return {
    ...(budgets.length > 0 || stored.length > 0 ? { budgets } : {}),
    ...(Object.keys(rate).length === 0 ? {} : { rate_limit: rate }),
  };
}

function half(kind: "request" | "token", text: string, per: string, before: Limits | null): Record<string, unknown> {
  if (text.trim() !== "") return { [`${kind}_max_limit`]: typedNumber(text), [`${kind}_reset_duration`]: per };
  return (before?.rate_limit?.[`${kind}_max_limit`] ?? null) === null ? {} : { [`${kind}_max_limit`]: null };
}

/** Whether anything is limited. */
export function hasAny(draft: LimitsDraft): boolean {
  return draft.budgets.length > 0 || [draft.requests, draft.tokens, draft.parallel].some((text) => text !== "");
}
