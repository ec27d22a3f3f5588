// The configuration of the seeded house: four providers, thirty virtual keys, teams and customers, budgets at 10, 85 and 100 %.

interface SeedBudget {
  readonly id: string;
  readonly max_limit: number;
  readonly reset_duration: string;
  readonly current_usage: number;
  readonly last_reset: string;
}

interface SeedKey {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly team_id?: string;
  readonly customer_id?: string;
  readonly [field: string]: unknown;
}

/** The moment that the house stands still at. */
export const SEED_NOW = Date.UTC(2026, 2, 17, 12, 0, 0);

function budget(id: string, limit: number, used: number, duration = "1d"): SeedBudget {
  const start = duration === "1M" ? "2026-03-01T00:00:00Z" : "2026-03-17T00:00:00Z";
  return { id, max_limit: limit, reset_duration: duration, current_usage: used, last_reset: start };
}

/** Two. */
export const SEED_CUSTOMERS: readonly { id: string; name: string; budgets?: SeedBudget[] }[] = [
  { id: "acme", name: "Acme Logistics", budgets: [budget("b-acme", 500, 212.5, "1M")] },
  { id: "borealis", name: "Borealis Health" },
];

/** Three. */
export const SEED_TEAMS: readonly { id: string; name: string; customer_id?: string; budgets?: SeedBudget[] }[] = [
  { id: "research", name: "Research", customer_id: "acme", budgets: [budget("b-research", 40, 34, "1d")] },
  { id: "support", name: "Support", customer_id: "acme" },
  { id: "platform", name: "Platform" },
];

const OWNERS = [
  { team_id: "research" },
  { team_id: "support" },
  { team_id: "platform" },
  { customer_id: "borealis" },
  {},
] as const;
const USED: Readonly<Record<number, readonly [number, number]>> = { 0: [10, 1], 1: [20, 17], 7: [2, 2] };

function key(number: number): SeedKey {
  const name = `${["app", "lab", "batch"][number % 3]}-${String(number).padStart(2, "0")}`;
  const used = USED[number];
  return {
    id: `vk-${name}`,
    name,
    value: `sk-bf-seed-${name}`,
    ...OWNERS[number % OWNERS.length],
    is_active: number !== 11,
    provider_configs: [
      { provider: "openai", weight: 0.7, allowed_models: ["*"] },
      { provider: "azure-west", weight: number % 4 === 0 ? 0 : 0.3, allowed_models: ["gpt-4o-mini"] },
      ...(number % 5 === 0 ? [{ provider: "anthropic", weight: 1, allowed_models: ["*"] }] : []),
    ],
    ...(used === undefined ? {} : { budgets: [budget(`b-${name}`, used[0], used[1])] }),
    ...(number % 6 === 2 ? { rate_limit: { request_max_limit: 60, request_reset_duration: "1m" } } : {}),
  };
}

/** Thirty; the first is at 10 % of its budget, the second at 85 %, the eighth at 100 %. */
export const SEED_KEYS: readonly SeedKey[] = Array.from({ length: 30 }, (_, number) => key(number));

const network = (base: string) => ({ base_url: base, max_retries: 0, retry_backoff_initial: 1 });

/** config.json of the house; `addresses` are the base URLs of its providers. */
export function seedConfig(addresses: Readonly<Record<"openai" | "azure" | "anthropic" | "groq", string>>): unknown {
  return {
    providers: {
      openai: {
        keys: [
          { name: "main", value: "sk-seed-openai-main", models: ["*"], weight: 0.8 },
          { name: "backup", value: "sk-seed-openai-backup", models: ["*"], weight: 0.2 },
        ],
        network_config: network(addresses.openai),
      },
      "azure-west": {
        keys: [{ name: "west", value: "sk-seed-azure", models: ["gpt-4o-mini"], weight: 1 }],
        network_config: network(addresses.azure),
        custom_provider_config: { base_provider_type: "openai" },
      },
      anthropic: {
        keys: [{ name: "team", value: "sk-ant-seed", models: ["*"], weight: 1 }],
        network_config: network(addresses.anthropic),
      },
      groq: {
        keys: [{ name: "fast", value: "gsk_seed", models: ["*"], weight: 1 }],
        network_config: network(addresses.groq),
      },
    },
    governance: {
      customers: SEED_CUSTOMERS,
      teams: SEED_TEAMS,
      virtual_keys: SEED_KEYS,
      routing_rules: [
        {
          name: "save",
          cel_expression: 'model == "gpt-4o" && budget_used > 80',
          targets: [{ model: "gpt-4o-mini", weight: 1 }],
        },
        {
          name: "gold",
          cel_expression: 'headers["x-tier"] == "gold"',
          targets: [
            { provider: "anthropic", model: "claude-sonnet-4-5", weight: 0.7 },
            { provider: "openai", model: "gpt-4o", weight: 0.3 },
          ],
          fallbacks: ["openai/gpt-4o-mini"],
        },
      ],
    },
  };
}
