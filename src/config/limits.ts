// Reads budgets and rate limits of an owner, from every place and spelling in which a file may give them.
import type { BudgetEntity, BudgetOverride, OwnedLimits, RateLimitEntity, StartingUsage } from "../core/entities.ts";
import { remember } from "../lib/remember.ts";
import { type Duration, isSameWindow, parseDuration } from "./durations.ts";
import { HIGHEST_LIMIT_NANO, parseDollars } from "./money.ts";
import { type Reading, stableId } from "./reading.ts";
import type { BudgetConfig, RateLimitConfig } from "./schema/governance.ts";
import type { OwnerKind, SharedLimits } from "./shared-limits.ts";
import { quoted } from "./texts.ts";
import { parseTime } from "./times.ts";

/** The members by which an owner carries its limits. */
export interface LimitsConfig {
  budget?: BudgetConfig;
  budgets?: BudgetConfig[];
  budget_id?: string;
  rate_limit?: RateLimitConfig;
  rate_limit_id?: string;
  calendar_aligned?: boolean;
}

/** Where an owner stands, and by which names the shared lists may call it. */
export interface Owner {
  readonly kind: OwnerKind;
  readonly names: readonly string[];
  /** Makes the ids of limits that have none. */
  readonly seed: string;
  readonly path: string;
}

/** Of one owner. */
const MOST_BUDGETS = 50;

const NO_LIMITS: OwnedLimits = Object.freeze({ budgets: Object.freeze([]), rateLimit: null });

export function readLimits(reading: Reading, config: LimitsConfig, owner: Owner, shared: SharedLimits): OwnedLimits {
  if (shared.isEmpty && !hasLimits(config)) return NO_LIMITS;
  const { document } = reading;
  const found = shared.budgetsOf(owner.kind, owner.names, config.budget_id);
  const budgets = readBudgets(reading, config, found, owner);
  const [rateLimit, second] = [
    ...(config.rate_limit === undefined ? [] : [config.rate_limit]),
    ...shared.rateLimitsOf(owner.kind, owner.names, config.rate_limit_id),
  ];
  const place = config.rate_limit === undefined ? `${owner.path}: ` : `${owner.path}.rate_limit.`;
  if (second !== undefined) document.refuse(document.at(second), "duplicate", `${owner.path} has two rate limits`);
  warnMissing(reading, config, owner, { budget_id: budgets.length > 0, rate_limit_id: rateLimit !== undefined });
  if (rateLimit === undefined) return { budgets, rateLimit: null };
  return { budgets, rateLimit: readRateLimit(reading, rateLimit, { owner, place }, config) };
}

function hasLimits(config: LimitsConfig): boolean {
  return (
    config.budget !== undefined ||
    config.budgets !== undefined ||
    config.budget_id !== undefined ||
    config.rate_limit !== undefined ||
    config.rate_limit_id !== undefined
  );
}

/** A limit's owner, and what messages put before the name of a member: where the limit stands. */
interface Held {
  readonly owner: Owner;
  /** `governance.virtual_keys[0].budgets[1].`; for an entry of a shared list `governance.virtual_keys[0]: `. */
  readonly place: string;
}

/** Its own ones and those of the shared list that are meant for it. */
function readBudgets(
  reading: Reading,
  config: LimitsConfig,
  shared: readonly BudgetConfig[],
  owner: Owner,
): BudgetEntity[] {
  const budgets: BudgetEntity[] = [];
  const read = (budget: BudgetConfig | undefined, place: string): void => {
    if (budget === undefined) return;
    const entity = readBudget(reading, budget, { owner, place }, config);
    if (entity === null) return;
    // so many are refused anyway
    const others = budgets.length > MOST_BUDGETS ? [] : budgets;
    const same = others.find((other) => isSameWindow(other, entity));
    if (same !== undefined)
      reading.document.refuse(
        reading.document.at(budget, "reset_duration"),
        "duplicate",
        `${owner.path} has two budgets with one reset_duration${spellings(same, entity)}`,
        { remedy: "Keep one of them, or give them windows of different lengths." },
      );
    else if (entity.id !== "" && others.some((other) => other.id === entity.id))
      reading.document.refuse(
        reading.document.at(budget, "id"),
        "duplicate",
        `${owner.path} has two budgets with one id`,
      );
    budgets.push(entity);
  };
  read(config.budget, `${owner.path}.budget.`);
  for (const [index, budget] of config.budgets?.entries() ?? []) read(budget, `${owner.path}.budgets[${index}].`);
  for (const budget of shared) read(budget, `${owner.path}: `);
  if (budgets.length > MOST_BUDGETS)
    reading.document.refuse(
      reading.document.at(config, "budgets"),
      "wrong-value",
      `${owner.path} has ${budgets.length} budgets`,
      { expected: `at most ${MOST_BUDGETS}: every request reserves from each of them` },
    );
  // a list that grew keeps room for more; there may be a hundred thousand of these
  return budgets.slice();
}

/** Where one length is written in two ways. */
function spellings(a: BudgetEntity, b: BudgetEntity): string {
  return a.resetDuration === b.resetDuration ? "" : `: ${b.resetDuration} is as long as ${a.resetDuration}`;
}

/** An id that leads nowhere. */
function warnMissing(
  reading: Reading,
  config: LimitsConfig,
  owner: Owner,
  found: Readonly<Record<"budget_id" | "rate_limit_id", boolean>>,
): void {
  for (const member of ["budget_id", "rate_limit_id"] as const) {
    if (config[member] === undefined || config[member] === "" || found[member]) continue;
    reading.document.warn(
      reading.document.at(config, member),
      "reference",
      `${owner.path}.${member} names no entry of governance.${member === "budget_id" ? "budgets" : "rate_limits"}`,
    );
  }
}

/** As it is kept: few limits are different. */
const nanoText = remember(1000, (text) => {
  const nano = parseDollars(text);
  return nano === null || nano < 0n || nano > HIGHEST_LIMIT_NANO ? null : String(nano);
});

/** Nano-dollars, or null after refusing them. */
function readDollars(
  reading: Reading,
  config: BudgetConfig,
  member: "max_limit" | "override_amount" | "current_usage",
  place: string,
): string | null {
  const nano = nanoText(reading.document.numberText(config, member));
  if (nano === null)
    reading.document.refuse(reading.document.at(config, member), "wrong-value", `${place}${member} is out of range`, {
      expected: "an amount in dollars from 0 to 9000000000",
    });
  return nano;
}

function readBudget(
  reading: Reading,
  config: BudgetConfig,
  { owner, place }: Held,
  { calendar_aligned: aligned }: LimitsConfig,
): BudgetEntity | null {
  const { document } = reading;
  if (config.max_limit === undefined) {
    // one that was there and wrong has been refused already; a null would be a limit that limits nothing
    if (!document.has(config, "max_limit") || document.numberText(config, "max_limit") === "null")
      document.refuse(document.at(config), "missing", `${place}max_limit is missing`, {
        expected: 'dollars, such as "max_limit": 10',
      });
    return null;
  }
  const maxLimitNano = readDollars(reading, config, "max_limit", place);
  if (maxLimitNano === null) return null;
  const window = readWindow(reading, config, "reset_duration", place);
  if (window === "refused") return null;
  const resetDuration = textOfWindow(window);
  const quarterStartMonth = config.reset_config?.quarter_start_month;
  const override = readOverride(reading, config, place);
  const start = readStart(reading, config, place);
  noteId(reading, config, "budget", place);
  const id = idOf(reading, config.id, "budget", owner.seed, resetDuration ?? "never");
  const entity: Writable<BudgetEntity> = { id, maxLimitNano, resetDuration };
  if (config.hard === true) entity.hard = true;
  if ((config.calendar_aligned ?? aligned) === true) entity.calendarAligned = true;
  if (quarterStartMonth !== undefined) {
    entity.quarterStartMonth = quarterStartMonth;
    if (entity.calendarAligned !== true || resetDuration?.endsWith("Q") !== true) warnNoQuarter(reading, config, place);
  }
  if (override !== null) entity.override = override;
  if (start !== null) entity.start = start;
  return entity;
}

/** Somebody who names the month means fiscal quarters, and would get ninety days that roll. */
function warnNoQuarter({ document }: Reading, config: BudgetConfig, place: string): void {
  document.warn(
    document.at(config, "reset_config"),
    "reference",
    `${place}reset_config.quarter_start_month has no effect here`,
    { remedy: 'It holds for quarters of the calendar: "calendar_aligned": true and "reset_duration": "1Q".' },
  );
}

/** While it is made. */
type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A limit that is meant for several owners is one entry that they name by its id; two entries of one id are a mistake. */
function noteId(
  { document, limitIds }: Reading,
  config: BudgetConfig | RateLimitConfig,
  kind: string,
  place: string,
): void {
  if (limitIds === undefined || config.id === undefined || config.id === "") return;
  const name = `${kind} ${config.id}`;
  const { offset } = document.at(config);
  const first = limitIds.get(name);
  if (first === undefined) limitIds.set(name, offset);
  else if (first !== offset)
    document.warn(
      document.at(config, "id"),
      "duplicate",
      `${place}id is that of another ${kind}: what both owners use is counted together`,
      {
        remedy: `Give each its own id, or let both name one entry of governance.${kind === "budget" ? "budgets" : "rate_limits"}.`,
      },
    );
}

/** The id as it was given, or one that is made of these words. */
function idOf(reading: Reading, given: string | undefined, ...words: string[]): string {
  if (given !== undefined && given !== "") return given;
  return reading.checksOnly === true ? "" : stableId(...words);
}

/** What raises the limit for a time. */
function readOverride(reading: Reading, config: BudgetConfig, place: string): BudgetOverride | null {
  if (config.override_amount === undefined || config.override_amount === 0) return null;
  const amountNano = readDollars(reading, config, "override_amount", place);
  if (amountNano === null) return null;
  const isForever = config.override_mode === "forever";
  if (!isForever && config.override_cycles_remaining === undefined) {
    reading.document.refuse(
      reading.document.at(config, "override_amount"),
      "missing",
      `${place}override_amount needs override_cycles_remaining`,
      { expected: '"override_cycles_remaining": 1 or more windows, or "override_mode": "forever"' },
    );
    return null;
  }
  const remaining = config.override_cycles_remaining ?? 0;
  return {
    amountNano,
    cyclesRemaining: isForever ? null : remaining,
    cyclesTotal: isForever ? null : (config.override_cycles_total ?? remaining),
    anchorReset: readTime(reading, config, "override_anchor_reset", place),
  };
}

/** What was used before this budget came here. */
function readStart(reading: Reading, config: BudgetConfig, place: string): StartingUsage | null {
  const lastReset = readTime(reading, config, "last_reset", place);
  if (config.current_usage === undefined && lastReset === null) return null;
  const used = config.current_usage === undefined ? "0" : readDollars(reading, config, "current_usage", place);
  return used === null ? null : { used, lastReset };
}

/** Unix ms; null when it is absent or was refused. */
function readTime<M extends string>(
  reading: Reading,
  config: { [K in M]?: string },
  member: M,
  place: string,
): number | null {
  const written = config[member];
  if (written === undefined || written === "") return null;
  const time = parseTime(written);
  if (time === null)
    reading.document.refuse(reading.document.at(config, member), "wrong-value", `${place}${member} is not a time`, {
      expected: 'a time such as "2027-01-31T00:00:00Z"',
      found: quoted(written),
    });
  return time;
}

/** The window's length; undefined when it is absent. */
function readWindow<M extends string>(
  reading: Reading,
  config: { [K in M]?: string },
  member: M,
  place: string,
): Duration | "refused" | undefined {
  const written = config[member];
  if (written === undefined || written === "") return undefined;
  const duration = parseDuration(written);
  if (duration !== null && (member === "reset_duration" || !duration.units.includes("Q"))) return duration;
  reading.document.refuse(reading.document.at(config, member), "wrong-value", `${place}${member} is not a duration`, {
    expected: `a duration such as "30s", "1h", "1d", "1w", "1M"${member === "reset_duration" ? ', "1Q"' : ""} or "1Y" (m = minute, M = month)`,
    found: quoted(written),
  });
  return "refused";
}

function textOfWindow(window: Duration | "refused" | undefined): string | null {
  return window === undefined || window === "refused" ? null : window.text;
}

function readRateLimit(
  reading: Reading,
  config: RateLimitConfig,
  { owner, place }: Held,
  { calendar_aligned: aligned }: LimitsConfig,
): RateLimitEntity {
  const tokens = readWindow(reading, config, "token_reset_duration", place);
  const requests = readWindow(reading, config, "request_reset_duration", place);
  for (const kind of ["token", "request"] as const) {
    const limit = config[`${kind}_max_limit`];
    if (limit === undefined || limit === null || config[`${kind}_reset_duration`] !== undefined) continue;
    reading.document.refuse(
      reading.document.at(config, `${kind}_max_limit`),
      "missing",
      `${place}${kind}_max_limit needs ${kind}_reset_duration`,
      { expected: `"${kind}_reset_duration": "1h" or another duration` },
    );
  }
  const tokenStart = countStart(reading, config, "token", place);
  const requestStart = countStart(reading, config, "request", place);
  noteId(reading, config, "rate limit", place);
  const entity: Writable<RateLimitEntity> = {
    id: idOf(reading, config.id, "rate-limit", owner.seed),
    tokenMaxLimit: config.token_max_limit ?? null,
    tokenResetDuration: textOfWindow(tokens),
    requestMaxLimit: config.request_max_limit ?? null,
    requestResetDuration: textOfWindow(requests),
  };
  if ((config.calendar_aligned ?? aligned) === true) entity.calendarAligned = true;
  if (tokenStart !== null) entity.tokenStart = tokenStart;
  if (requestStart !== null) entity.requestStart = requestStart;
  if (config.max_parallel !== undefined && config.max_parallel !== null) entity.maxParallel = config.max_parallel;
  return entity;
}

function countStart(
  reading: Reading,
  config: RateLimitConfig,
  kind: "token" | "request",
  place: string,
): StartingUsage | null {
  const lastReset = readTime(reading, config, `${kind}_last_reset`, place);
  const used = config[`${kind}_current_usage`];
  return used === undefined && lastReset === null ? null : { used: String(used ?? 0), lastReset };
}
