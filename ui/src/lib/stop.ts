// Why the gateway itself refused a request: which limits of whom, in parts, out of the words of its error.
import type { LogRow } from "../../../src/core/stores.ts";

/** Whose limit it was. */
export type LimitOwner = "virtual-key" | "team" | "customer" | "provider" | "provider-config" | "model";

export interface StopLimit {
  readonly owner: LimitOwner;
  /** As the error names it; of a virtual key its own name. */
  readonly name: string;
  readonly kind: "budget" | "token" | "request" | "parallel";
  /** What the gateway said of it. */
  readonly words: string;
  /** Unix ms of the next room; null = not by waiting, or not told. */
  readonly resetsAt: number | null;
}

/** Codes with which the gateway itself says no to what is asked for, before anything is sent. */
const STOPS = new Set([
  "budget_exceeded",
  "budget_contended",
  "rate_limited",
  "token_limited",
  "request_limited",
  "max_cost",
]);

export function isStop({ error_details: error, attempts }: Pick<LogRow, "error_details" | "attempts">): boolean {
  return error !== null && STOPS.has(error.code) && attempts.every(({ outcome }) => outcome !== "");
}

const OWNERS: readonly (readonly [prefix: string, owner: LimitOwner])[] = [
  ["VK", "virtual-key"],
  ["Team ", "team"],
  ["Customer ", "customer"],
  ["Provider config ", "provider-config"],
  ["Provider ", "provider"],
  ["Model ", "model"],
];

function ownerOf(text: string, keyName: string): { readonly owner: LimitOwner; readonly name: string } | null {
  for (const [prefix, owner] of OWNERS) {
    if (owner === "virtual-key" && text === prefix) return { owner, name: keyName };
    if (owner !== "virtual-key" && text.startsWith(prefix)) return { owner, name: text.slice(prefix.length) };
  }
  return null;
}

/** The limits that an error names; empty: its words are all there is. */
export function stopLimits(message: string, keyName: string): StopLimit[] {
  const rates = [...message.matchAll(/rate limit violated for ([^[]+): \[([^\]]*)\]/g)].flatMap(
    ([, owner = "", list = ""]) =>
      splitList(list).flatMap((words) => limitOf(ownerOf(owner.trim(), keyName), words, rateKind(words))),
  );
  const at = message.indexOf("Budget exceeded: ");
  const budgets =
    at < 0
      ? []
      : message
          .slice(at + "Budget exceeded: ".length)
          .split("; ")
          .flatMap((words) =>
            limitOf(ownerOf(words.split(/ budget (?:exceeded|leaves)/)[0] ?? "", keyName), words, "budget"),
          );
  return [...rates, ...budgets];
}

/** Commas also stand inside of brackets. */
function splitList(list: string): string[] {
  return list.split(/, (?=(?:token|request|parallel))/);
}

function rateKind(words: string): StopLimit["kind"] {
  return words.startsWith("token") ? "token" : words.startsWith("parallel") ? "parallel" : "request";
}

function limitOf(owner: ReturnType<typeof ownerOf>, words: string, kind: StopLimit["kind"]): StopLimit[] {
  if (owner === null) return [];
  const time = /next room at ([0-9T:.Z-]+)/.exec(words)?.[1];
  return [{ ...owner, kind, words: plain(words), resetsAt: time === undefined ? null : Date.parse(time) }];
}

/** The figures alone: whose they are and when it resets stands beside. */
function plain(words: string): string {
  const use = /\(?(\d[\d.]*) ?(?:>=|\/) ?(\d[\d.]*)/.exec(words);
  if (use === null) return words.replace(/ \([^)]*\)$/, "");
  return words.includes("dollars") ? `$${use[1]} of $${use[2]} used` : `${use[1]} of ${use[2]} used`;
}

function governancePath(path: string, id: string | null): string | null {
  return id === null ? null : `/api/governance/${path}/${encodeURIComponent(id)}`;
}

/** Where the owner's limits are read. Null: only its name is known. */
export function ownerPath(
  limit: StopLimit,
  record: Pick<LogRow, "virtual_key_id" | "team_id" | "customer_id">,
): string | null {
  switch (limit.owner) {
    case "virtual-key":
    case "provider-config":
      return governancePath("virtual-keys", record.virtual_key_id);
    case "team":
      return governancePath("teams", record.team_id);
    case "customer":
      return governancePath("customers", record.customer_id);
    case "provider":
      return governancePath("providers", limit.name);
    case "model":
      return null;
  }
}

interface Limits {
  readonly budgets?: readonly {
    readonly id: string;
    readonly max_limit: number;
    readonly effective_max_limit?: number;
    readonly current_usage: number;
  }[];
  readonly rate_limit?: { readonly id: string } | null;
  readonly provider_configs?: readonly (Limits & {
    readonly provider: string;
    readonly model_budgets?: readonly Limits[];
  })[];
}

/** A limit as its owner has it now. */
export interface FoundLimit {
  readonly id: string;
  /** USD; null: it is no budget. */
  readonly budget: { readonly used: number; readonly limit: number } | null;
}

/** Finds the limit in the answer of its owner; null: it is not there any more. */
export function findLimit(limit: StopLimit, answer: unknown): FoundLimit | null {
  const holder =
    Object.values((answer ?? {}) as Record<string, unknown>).find(
      (one) => typeof one === "object" && one !== null && !Array.isArray(one) && "name" in one,
    ) ?? answer;
  const whole = (holder ?? {}) as Limits;
  const places: readonly Limits[] =
    limit.owner === "provider-config"
      ? (whole.provider_configs ?? [])
          .filter(({ provider }) => provider === limit.name)
          .flatMap((one) => [one, ...(one.model_budgets ?? [])])
      : [whole];
  for (const place of places) {
    const found = limit.kind === "budget" ? fullest(place.budgets ?? []) : rateOf(place);
    if (found !== null) return found;
  }
  return null;
}

function rateOf({ rate_limit: rate }: Limits): FoundLimit | null {
  return rate == null ? null : { id: rate.id, budget: null };
}

/** The budget that is used up furthest. */
function fullest(budgets: NonNullable<Limits["budgets"]>): FoundLimit | null {
  const found = budgets.map((one) => ({
    id: one.id,
    budget: { used: one.current_usage, limit: one.effective_max_limit ?? one.max_limit },
  }));
  const share = ({ budget: { used, limit } }: (typeof found)[number]): number => (limit > 0 ? used / limit : 1);
  return found.toSorted((a, b) => share(b) - share(a))[0] ?? null;
}

/** Where the limit is changed. */
export function raiseHref(limit: StopLimit, id: string | null, record: Pick<LogRow, "virtual_key_id">): string {
  if (id !== null) return `/keys?limit=${encodeURIComponent(id)}`;
  if (record.virtual_key_id !== null && (limit.owner === "virtual-key" || limit.owner === "provider-config"))
    return `/keys/${encodeURIComponent(record.virtual_key_id)}`;
  return limit.owner === "team"
    ? "/keys?tab=teams"
    : limit.owner === "customer"
      ? "/keys?tab=customers"
      : "/keys?tab=limits";
}
