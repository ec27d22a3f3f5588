// Tests of what in a configuration points elsewhere or contradicts itself: variables, base types, weights, owners, the login.
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadObject, loadText, providerIn, virtualKeyIn } from "./testing.ts";

const OPENAI = { openai: { keys: [{ name: "main", value: "sk-test-1" }] } };

/** Messages of what refuses the file. */
function refusals(config: unknown, environment: Record<string, string> = {}): string[] {
  const result = loadText(JSON.stringify(config, null, 1), environment);
  return result.ok ? [] : result.errors.map(({ message }) => message);
}

function warnings(config: unknown, environment: Record<string, string> = {}): string[] {
  return loadObject(config, environment).warnings.map(({ message }) => message);
}

test("a variable that names a variable is not followed, so no circle can be made", () => {
  const environment = { A: "env.B", B: "env.A", C: "env.C" };
  const { entities, warnings } = loadObject(
    { providers: { openai: { keys: ["A", "C"].map((name) => ({ name, value: `env.${name}` })) } } },
    environment,
  );
  assert.deepEqual(
    providerIn(entities, "openai").keys.map((key) => [key.value, key.enabled]),
    [
      ["", false],
      ["", false],
    ],
  );
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ["reference", "reference"],
  );
  assert.match(warnings[0]?.message ?? "", /switched off: the environment variable A holds "env\.…"/);
  assert.match(refusals({ encryption_key: "env.A" }, environment)[0] ?? "", /encryption_key: .* variable A holds/);
});

const custom = (base: string) => ({ custom_provider_config: { base_provider_type: base }, keys: [{ value: "x" }] });

test("custom providers cannot stand on one another", () => {
  assert.deepEqual(refusals({ providers: { one: custom("two"), two: custom("one") } }), [
    '"two" is a provider of this file and no provider type',
    '"one" is a provider of this file and no provider type',
  ]);
  assert.deepEqual(refusals({ providers: { self: custom("self") } }), [
    '"self" is no provider type that is known here',
  ]);
});

test("one secret with two weights is told, and counts once with the first", () => {
  const config = {
    providers: { openai: { keys: [{ value: "a", weight: 0.2 }], api_keys: [{ key: "a", weight: 0.8 }, { key: "b" }] } },
  };
  const { entities, warnings } = loadObject(config);
  assert.match(warnings[0]?.message ?? "", /but weight 0\.8 where that one has 0\.2/);
  assert.deepEqual(
    providerIn(entities, "openai").keys.map((key) => [key.value, key.weight]),
    [
      ["a", 0.2],
      ["b", 1],
    ],
  );
});

test("a virtual key whose weights are all null is told", () => {
  const scopes = [{ provider: "openai", weight: null }];
  const config = {
    providers: OPENAI,
    governance: { virtual_keys: [{ value: "vk", name: "v", provider_configs: scopes }] },
  };
  assert.match(warnings(config)[0] ?? "", /^every weight in governance\.virtual_keys\[0\]\.provider_configs is null/);
});

function queueRefusals(block: object): string[] {
  return refusals({ providers: { openai: { ...OPENAI.openai, concurrency_and_buffer_size: block } } });
}

test("more requests at once than may wait are refused, with the defaults counted in", () => {
  const of = queueRefusals;
  assert.deepEqual(of({ concurrency: 100, buffer_size: 100 }), []);
  assert.match(of({ concurrency: 101, buffer_size: 100 })[0] ?? "", /concurrency 101 is more than buffer_size 100/);
  assert.match(of({ buffer_size: 10 })[0] ?? "", /concurrency 1000 is more than buffer_size 10/);
  assert.match(of({ concurrency: 0 })[0] ?? "", /out of range/);
});

test("a key of a team and of a customer is refused", () => {
  const key = { name: "v", value: "vk", provider_configs: [{ provider: "openai" }] };
  const of = (more: object) => refusals({ providers: OPENAI, governance: { virtual_keys: [{ ...key, ...more }] } });
  assert.deepEqual(of({ team_id: "t", customer_id: "c" }), [
    "governance.virtual_keys[0] has both team_id and customer_id",
  ]);
  assert.deepEqual(of({ team_id: "t", customer_id: null }), []);
  assert.deepEqual(of({ team_id: "", customer_id: "c" }), []);
});

test("limits keep what governance needs: hard, calendar, fiscal year, overrides, starting use", () => {
  const { entities } = loadObject({
    providers: OPENAI,
    governance: {
      virtual_keys: [
        {
          name: "v",
          value: "vk",
          calendar_aligned: true,
          provider_configs: [{ provider: "openai" }],
          budgets: [
            {
              id: "b",
              max_limit: 10,
              reset_duration: "1Q",
              hard: true,
              reset_config: { quarter_start_month: 4 },
              current_usage: 2.5,
              last_reset: "2026-04-01T00:00:00Z",
              override_amount: 5,
              override_cycles_remaining: 2,
              override_cycles_total: 3,
            },
            { id: "c", max_limit: 1, reset_duration: "1d", calendar_aligned: false },
            { id: "d", max_limit: 1, reset_duration: "1w", override_amount: 5, override_mode: "forever" },
          ],
          rate_limit: { id: "r", token_max_limit: 5, token_reset_duration: "1h", token_current_usage: 3 },
        },
      ],
    },
  });
  const { budgets, rateLimit } = virtualKeyIn(entities, "v");
  assert.deepEqual(budgets, [
    {
      id: "b",
      maxLimitNano: "10000000000",
      resetDuration: "1Q",
      hard: true,
      calendarAligned: true,
      quarterStartMonth: 4,
      override: { amountNano: "5000000000", cyclesRemaining: 2, cyclesTotal: 3, anchorReset: null },
      start: { used: "2500000000", lastReset: Date.UTC(2026, 3, 1) },
    },
    { id: "c", maxLimitNano: "1000000000", resetDuration: "1d" },
    {
      id: "d",
      maxLimitNano: "1000000000",
      resetDuration: "1w",
      calendarAligned: true,
      override: { amountNano: "5000000000", cyclesRemaining: null, cyclesTotal: null, anchorReset: null },
    },
  ]);
  assert.deepEqual(rateLimit, {
    id: "r",
    tokenMaxLimit: 5,
    tokenResetDuration: "1h",
    requestMaxLimit: null,
    requestResetDuration: null,
    calendarAligned: true,
    tokenStart: { used: "3", lastReset: null },
  });
});

test("the login: complete where it is on, in either place, the outer one first", () => {
  const login = { is_enabled: true, admin_username: "admin", admin_password: "env.PW" };
  assert.deepEqual(refusals({ auth_config: login }, { PW: "x" }), []);
  assert.deepEqual(refusals({ governance: { auth_config: login } }, { PW: "x" }), []);
  assert.match(refusals({ auth_config: login })[0] ?? "", /admin_password: the environment variable PW is not set/);
  assert.deepEqual(refusals({ auth_config: { is_enabled: true } }), [
    "auth_config.is_enabled is true, but admin_username is missing",
    "auth_config.is_enabled is true, but admin_password is missing",
  ]);
  assert.deepEqual(refusals({ auth_config: { is_enabled: false } }), []);
  const both = loadObject({ auth_config: { is_enabled: false }, governance: { auth_config: login } });
  assert.match(both.warnings[0]?.message ?? "", /governance\.auth_config is ignored/);
  const inner = loadObject({ governance: { auth_config: { is_enabled: false } } });
  assert.deepEqual({ ...(inner.file?.members.auth_config as object) }, { is_enabled: false });
});

test("a shared limit that thousands of keys look for is found at once", () => {
  const count = 5000;
  const numbers = Array.from({ length: count }, (_, index) => index);
  const config = {
    providers: OPENAI,
    governance: {
      virtual_keys: numbers.map((index) => ({
        id: `id-${index}`,
        name: `n-${index}`,
        value: `vk-${index}`,
        provider_configs: [{ provider: "openai" }],
      })),
      budgets: numbers.map((index) => ({ id: `b-${index}`, max_limit: index, virtual_key_id: `id-${index}` })),
    },
  };
  const { entities } = loadObject(config);
  assert.equal(virtualKeyIn(entities, "n-4321").budgets[0]?.id, "b-4321");
});
