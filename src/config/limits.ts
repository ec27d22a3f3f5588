// Reads budgets and rate limits of an owner, from every place and spelling in which a file may give them.
import type { BudgetEntity, RateLimitEntity } from "../core/entities.ts";
import { type Duration, parseDuration } from "./durations.ts";
import { HIGHEST_LIMIT_NANO, parseDollars } from "./money.ts";
import { type Reading, stableId } from "./reading.ts";
import type { BudgetConfig, GovernanceConfig, RateLimitConfig } from "./schema/governance.ts";
import { quoted } from "./texts.ts";

/** The members by which an owner carries its limits. */
export interface LimitsConfig {
  budget?: BudgetConfig;
  budgets?: BudgetConfig[];
  budget_id?: string;
  rate_limit?: RateLimitConfig;
  rate_limit_id?: string;
}

/** The limits of one owner. */
export interface Limits {
  readonly budgets: readonly BudgetEntity[];
  readonly rateLimit: RateLimitEntity | null;
}

type Entry = BudgetConfig | RateLimitConfig;

/** The lists `governance.budgets` and `governance.rate_limits`: found by their own id and by their owner. */
export class SharedLimits {
  readonly #reading: Reading;
  readonly #budgets: readonly BudgetConfig[];
  readonly #rateLimits: readonly RateLimitConfig[];
  readonly #used = new Set<Entry>();

  constructor(reading: Reading, governance: GovernanceConfig | undefined) {
    this.#reading = reading;
    this.#budgets = (governance?.budgets ?? []).filter((entry) => entry !== undefined);
    this.#rateLimits = (governance?.rate_limits ?? []).filter((entry) => entry !== undefined);
  }

  budgetsOf(
    kind: "virtual_key_id" | "provider_config_id",
    names: readonly string[],
    id: string | undefined,
  ): BudgetConfig[] {
    return this.#find(this.#budgets, kind, names, id);
  }

  rateLimitsOf(
    kind: "virtual_key_id" | "provider_config_id",
    names: readonly string[],
    id: string | undefined,
  ): RateLimitConfig[] {
    return this.#find(this.#rateLimits, kind, names, id);
  }

  #find<T extends Entry>(
    entries: readonly T[],
    kind: "virtual_key_id" | "provider_config_id",
    names: readonly string[],
    id: string | undefined,
  ): T[] {
    if (entries.length === 0) return [];
    const found = entries.filter(
      (entry) =>
        (entry[kind] !== undefined && names.includes(String(entry[kind]))) || (id !== undefined && entry.id === id),
    );
    for (const entry of found) this.#used.add(entry);
    return found;
  }

  /** Names the entries that limit nothing: their owner is not in the file, or is of a kind that is not supported yet. */
  warnUnused(): void {
    const { document } = this.#reading;
    for (const entry of [...this.#budgets, ...this.#rateLimits]) {
      if (this.#used.has(entry)) continue;
      const owner = (["team_id", "customer_id", "model_config_id"] as const).find(
        (member) => entry[member] !== undefined,
      );
      if (owner !== undefined)
        document.warn(
          document.at(entry, owner),
          "not-supported-yet",
          `limits with ${owner} are not supported yet; this one is ignored`,
        );
      else
        document.warn(
          document.at(entry),
          "reference",
          "this limit belongs to no virtual key and no provider config of the file; it limits nothing",
        );
    }
  }
}

/** Where an owner stands, and by which names the shared lists may call it. */
export interface Owner {
  readonly kind: "virtual_key_id" | "provider_config_id";
  readonly names: readonly string[];
  /** Makes the ids of limits that have none. */
  readonly seed: string;
  readonly path: string;
}

export function readLimits(reading: Reading, config: LimitsConfig, owner: Owner, shared: SharedLimits): Limits {
  const { document } = reading;
  const budgets: BudgetEntity[] = [];
  const windows = new Set<string>();
  const own = config.budget === undefined ? [] : [config.budget];
  for (const budget of [
    ...own,
    ...(config.budgets ?? []),
    ...shared.budgetsOf(owner.kind, owner.names, config.budget_id),
  ]) {
    if (budget === undefined) continue;
    const entity = readBudget(reading, budget, owner);
    if (entity === null) continue;
    const window = entity.resetDuration ?? "never";
    if (windows.has(window))
      document.refuse(
        document.at(budget, "reset_duration"),
        "duplicate",
        `${owner.path} has two budgets with one reset_duration`,
      );
    windows.add(window);
    budgets.push(entity);
  }
  const [rateLimit, second] = [
    ...(config.rate_limit === undefined ? [] : [config.rate_limit]),
    ...shared.rateLimitsOf(owner.kind, owner.names, config.rate_limit_id),
  ];
  if (second !== undefined) document.refuse(document.at(second), "duplicate", `${owner.path} has two rate limits`);
  warnMissing(reading, config, owner, budgets.length > 0, rateLimit !== undefined);
  return { budgets, rateLimit: rateLimit === undefined ? null : readRateLimit(reading, rateLimit, owner) };
}

function warnMissing(
  reading: Reading,
  config: LimitsConfig,
  owner: Owner,
  hasBudget: boolean,
  hasRateLimit: boolean,
): void {
  const { document } = reading;
  if (config.budget_id !== undefined && config.budget_id !== "" && !hasBudget) {
    document.warn(
      document.at(config, "budget_id"),
      "reference",
      `${owner.path}.budget_id names no entry of governance.budgets`,
    );
  }
  if (config.rate_limit_id !== undefined && config.rate_limit_id !== "" && !hasRateLimit) {
    document.warn(
      document.at(config, "rate_limit_id"),
      "reference",
      `${owner.path}.rate_limit_id names no entry of governance.rate_limits`,
    );
  }
}

function readBudget(reading: Reading, config: BudgetConfig, owner: Owner): BudgetEntity | null {
  const { document } = reading;
  if (config.max_limit === undefined) {
    // one that was there and wrong has been refused already
    if (!document.has(config, "max_limit"))
      document.refuse(document.at(config), "missing", `${owner.path}: a budget needs max_limit`, {
        expected: 'dollars, such as "max_limit": 10',
      });
    return null;
  }
  const nano = parseDollars(document.numberText(config, "max_limit"));
  if (nano === null || nano > HIGHEST_LIMIT_NANO) {
    document.refuse(document.at(config, "max_limit"), "wrong-value", `${owner.path}: max_limit is out of range`, {
      expected: "an amount in dollars from 0 to 9000000000",
    });
    return null;
  }
  const duration = readWindow(reading, config, "reset_duration", owner.path);
  const resetDuration = duration?.text ?? null;
  return {
    id: config.id ?? stableId("budget", owner.seed, resetDuration ?? "never"),
    maxLimitNano: String(nano),
    resetDuration,
  };
}

/** The window's length; undefined when it is absent or was refused. */
function readWindow<M extends string>(
  reading: Reading,
  config: { [K in M]?: string },
  member: M,
  path: string,
): Duration | undefined {
  const written = config[member];
  if (written === undefined || written === "") return undefined;
  const duration = parseDuration(written);
  if (duration !== null && (member === "reset_duration" || !duration.units.includes("Q"))) return duration;
  reading.document.refuse(reading.document.at(config, member), "wrong-value", `${path}: ${member} is not a duration`, {
    expected: `a duration such as "30s", "1h", "1d", "1w", "1M"${member === "reset_duration" ? ', "1Q"' : ""} or "1Y" (m = minute, M = month)`,
    found: quoted(written),
  });
  return undefined;
}

function readRateLimit(reading: Reading, config: RateLimitConfig, owner: Owner): RateLimitEntity {
  const tokens = readWindow(reading, config, "token_reset_duration", owner.path);
  const requests = readWindow(reading, config, "request_reset_duration", owner.path);
  for (const kind of ["token", "request"] as const) {
    const limit = config[`${kind}_max_limit`];
    if (limit === undefined || limit === null || config[`${kind}_reset_duration`] !== undefined) continue;
    reading.document.refuse(
      reading.document.at(config, `${kind}_max_limit`),
      "missing",
      `${owner.path}: ${kind}_max_limit needs ${kind}_reset_duration`,
      {
        expected: `"${kind}_reset_duration": "1h" or another duration`,
      },
    );
  }
  return {
    id: config.id ?? stableId("rate-limit", owner.seed),
    tokenMaxLimit: config.token_max_limit ?? null,
    tokenResetDuration: tokens?.text ?? null,
    requestMaxLimit: config.request_max_limit ?? null,
    requestResetDuration: requests?.text ?? null,
  };
}
