// Virtual keys by API over the real book: every body shape, what is left out, what is refused, and how a secret is told once.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { type TestBook, testBook } from "../config/book/fixtures/house.ts";
import { type Called, callRoute, testHouse } from "./fixtures/house.ts";
import { governanceRoutes } from "./governance-routes.ts";
import { createRouter } from "./router.ts";

const BASE = "/api/governance/virtual-keys";
const ENVIRONMENT = { OPENAI_API_KEY: "sk-env-openai-0001", ANTHROPIC_API_KEY: "sk-env-anthropic-0001" };

/** Parsed; tests look into any shape. */
type Shown = ReturnType<typeof JSON.parse>;

let held: TestBook;
let call: (method: string, path: string, body?: unknown) => Promise<Called>;

beforeEach(async () => {
  held = await testBook({ environment: ENVIRONMENT });
  const handler = createRouter(governanceRoutes({ ...testHouse(), book: held.book }));
  call = (method, path, body) => callRoute(handler, method, BASE + path, body === undefined ? {} : { body });
});

async function good(method: string, path: string, body?: unknown): Promise<Shown> {
  const answer = await call(method, path, body);
  assert.equal(answer.status, 200, `${method} ${path}: ${answer.text}`);
  return answer.json;
}

const make = async (body: object): Promise<Shown> => (await good("POST", "", body)).virtual_key;
const read = async (id: string): Promise<Shown> => (await good("GET", `/${id}`)).virtual_key;
const change = async (id: string, body: object): Promise<Shown> => (await good("PUT", `/${id}`, body)).virtual_key;

async function refused(method: string, path: string, body: unknown, status: number, text: RegExp): Promise<void> {
  const answer = await call(method, path, body);
  assert.equal(answer.status, status, `${JSON.stringify(body)}: ${answer.text}`);
  assert.match(answer.json.error.message, text);
}

const OPENAI = { provider: "openai", allowed_models: ["gpt-4o"], weight: 0.8 };
const BUDGET = { max_limit: 10, reset_duration: "1d" };
const RATE = { token_max_limit: 1000, token_reset_duration: "1h", request_max_limit: 5, request_reset_duration: "1m" };

/** Without what every change renews. */
function lasting(shown: Shown): Shown {
  const { updated_at: _at, config_hash: _hash, ...rest } = shown;
  return rest;
}

describe("a new virtual key", () => {
  it("has the shape that clients of both versions read, and its secret in clear this once", async () => {
    const body = {
      name: "team-a",
      description: "the first",
      provider_configs: [
        { provider: "openai", weight: 0.7, allowed_models: ["*"], key_ids: ["*"], budgets: [BUDGET] },
        { provider: "anthropic", weight: null, allowed_models: ["m2"], key_ids: ["OPENAI"], rate_limit: RATE },
      ],
      budgets: [{ max_limit: 100, reset_duration: "1M" }],
      rate_limit: RATE,
    };
    const { message, virtual_key: key } = await good("POST", "", body);
    assert.equal(message, "Virtual key created successfully");
    assert.match(key.value, /^sk-bf-[0-9a-f-]{36}$/);
    assert.match(key.id, /^[0-9a-f-]{36}$/);
    assert.deepEqual([key.name, key.description, key.is_active, key.expires_at], ["team-a", "the first", true, null]);
    assert.deepEqual([key.team_id, key.customer_id, key.mcp_configs], [null, null, []]);
    assert.deepEqual(key.budget, key.budgets[0]);
    const { id, last_reset: reset, ...budget } = key.budgets[0];
    assert.ok(id.length > 10 && !Number.isNaN(Date.parse(reset)));
    assert.deepEqual(budget, {
      max_limit: 100,
      reset_duration: "1M",
      current_usage: 0,
      reserved: 0,
      uncertain: 0,
      unpriced_requests: 0,
      effective_max_limit: 100,
      resets_at: null,
      calendar_aligned: false,
      virtual_key_id: key.id,
    });
    assert.equal(key.rate_limit_id, key.rate_limit.id);
    assert.equal(key.rate_limit.request_max_limit, 5);
    const [first, second] = key.provider_configs;
    assert.deepEqual([first.weight, first.allowed_models, first.allow_all_keys, first.keys], [0.7, ["*"], true, []]);
    assert.deepEqual([second.weight, second.key_ids, second.allow_all_keys], [null, ["OPENAI"], false]);
    assert.equal(first.budget.provider_config_id, first.id);
    assert.equal(first.virtual_key_id, key.id);
    assert.equal(second.keys[0].key_id, "OPENAI");
    assert.ok(!Number.isNaN(Date.parse(key.created_at)));
    const again = await read(key.id);
    assert.notEqual(again.value, key.value);
    assert.match(again.value, /^sk-b\*+/);
    assert.deepEqual(lasting({ ...again, value: "" }), lasting({ ...key, value: "" }));
  });

  it("as scenarios write it has its secret as its name and is shown as it is", async () => {
    const key = await make({ virtual_key: "vk-prod-main", provider_configs: [OPENAI] });
    assert.deepEqual([key.name, key.value], ["vk-prod-main", "vk-prod-main"]);
    assert.equal((await read(key.id)).value, "vk-prod-main");
  });

  it("that gets a name later hides its secret from then on", async () => {
    const { id } = await make({ virtual_key: "vk-prod-main-secret", provider_configs: [OPENAI] });
    const hash = (await held.book.virtualKey(id))?.entity.valueHash;
    assert.doesNotMatch(JSON.stringify(await change(id, { name: "pretty" })), /main-secret/);
    assert.doesNotMatch(JSON.stringify(await held.store.get("virtual-key", id)), /main-secret/);
    assert.equal((await held.book.virtualKey(id))?.entity.valueHash, hash);
  });

  it("takes a value of one's own, also by a variable, and shows it masked afterwards", async () => {
    const own = await make({ name: "own", value: "my-own-secret-value-1", provider_configs: [] });
    assert.equal(own.value, "my-own-secret-value-1");
    assert.doesNotMatch(JSON.stringify(await read(own.id)), /own-secret/);
    const named = await make({ name: "named", value: "env.OPENAI_API_KEY" });
    assert.doesNotMatch(JSON.stringify(await read(named.id)), /sk-env-openai-0001/);
  });

  it("takes the older shapes: one budget, keys as objects, all keys, null for what is not set", async () => {
    const key = await make({
      name: "older",
      budget: BUDGET,
      rate_limit: null,
      team_id: null,
      customer_id: null,
      mcp_configs: [],
      expires_at: null,
      provider_configs: [
        { provider: "openai", keys: [{ key_id: "a" }, { id: "b" }, "c"], budget: BUDGET, allowed_models: null },
        { provider: "anthropic", allow_all_keys: true, model_budgets: [] },
      ],
    });
    assert.equal(key.budgets.length, 1);
    assert.equal(key.budgets[0].max_limit, 10);
    assert.equal(key.rate_limit, null);
    const [openai, anthropic] = key.provider_configs;
    assert.deepEqual([openai.key_ids, openai.allowed_models, openai.budgets.length], [["a", "b", "c"], ["*"], 1]);
    assert.equal(anthropic.allow_all_keys, true);
  });

  it("without provider configs may use nothing, and the answer warns of it", async () => {
    const { virtual_key: key, warnings } = await good("POST", "", { name: "idle" });
    assert.deepEqual(key.provider_configs, []);
    assert.match(warnings.join(), /may use no provider/);
  });

  it("can be what another one's answer showed", async () => {
    const key = await make({ name: "one", provider_configs: [{ ...OPENAI, budgets: [BUDGET] }], budgets: [BUDGET] });
    const { id: _id, value: _value, ...rest } = await read(key.id);
    const copy = await make({ ...rest, name: "two" });
    assert.notEqual(copy.id, key.id);
    assert.equal(copy.budgets[0].max_limit, 10);
  });
});

describe("what is refused", () => {
  const cases: readonly (readonly [object, number, RegExp])[] = [
    [{}, 400, /'name' is missing/],
    [{ name: "" }, 400, /'name' is missing/],
    [{ name: 5 }, 400, /name/],
    [{ name: "x", budgets: [{ max_limit: -1, reset_duration: "1d" }] }, 400, /max_limit/],
    [{ name: "x", budgets: [{ max_limit: 1, reset_duration: "soon" }] }, 400, /reset_duration is not a duration/],
    [{ name: "x", budgets: [BUDGET, { ...BUDGET, max_limit: 5 }] }, 400, /two budgets with one reset_duration/],
    [{ name: "x", budgets: [{ reset_duration: "1d" }] }, 400, /max_limit/],
    [{ name: "x", budgets: 5 }, 400, /budgets/],
    [{ name: "x", budget: [] }, 400, /budget/],
    [
      { name: "x", budget: BUDGET, budgets: [{ ...BUDGET, max_limit: 11 }] },
      400,
      /'budget' and 'budgets' say different/,
    ],
    [{ name: "x", rate_limit: { ...RATE, token_max_limit: -5 } }, 400, /token_max_limit/],
    [{ name: "x", rate_limit: { token_max_limit: 5 } }, 400, /needs token_reset_duration/],
    [{ name: "x", rate_limit: { ...RATE, request_reset_duration: "x" } }, 400, /request_reset_duration/],
    [{ name: "x", rate_limit: { tokn_max_limit: 5 } }, 400, /tokn_max_limit/],
    [{ name: "x", rate_limit_id: "r" }, 400, /'rate_limit_id' cannot be set here/],
    [{ name: "x", provider_configs: [{ ...OPENAI, allowed_models: ["*", "a"] }] }, 400, /mixes "\*" with names/],
    [{ name: "x", provider_configs: [{ ...OPENAI, allowed_models: ["a", "a"] }] }, 400, /names "a" twice/],
    [{ name: "x", provider_configs: [{ ...OPENAI, key_ids: ["k", "k"] }] }, 400, /names "k" twice/],
    [{ name: "x", provider_configs: [OPENAI, OPENAI] }, 400, /a second time/],
    [{ name: "x", provider_configs: [{ provider: "opnai" }] }, 400, /did you mean 'openai'/],
    [{ name: "x", provider_configs: [{ provider: "quite-unknown" }] }, 400, /there is no provider 'quite-unknown'/],
    [{ name: "x", provider_configs: [{ weight: 1 }] }, 400, /provider/],
    [{ name: "x", provider_configs: [{ ...OPENAI, weight: -1 }] }, 400, /weight/],
    [{ name: "x", provider_configs: [{ ...OPENAI, wieght: 1 }] }, 400, /wieght/],
    [{ name: "x", provider_configs: {} }, 400, /provider_configs/],
    [{ name: "x", provider_configs: ["openai"] }, 400, /provider_configs/],
    [{ name: "x", team_id: "t", customer_id: "c" }, 400, /exclude each other/],
    [{ name: "x", team_id: "t" }, 400, /there is no team "t"/],
    [{ name: "x", customer_id: "c" }, 400, /there is no customer "c"/],
    [{ name: "x", expires_at: "tomorrow" }, 400, /expires_at/],
    [{ name: "x", is_active: "yes" }, 400, /is_active/],
    [{ name: "x", value: "two\nlines" }, 400, /header/],
    [{ nmae: "x" }, 400, /name/],
    [{ name: "x", colour: "red" }, 400, /colour/],
  ];
  for (const [body, status, text] of cases)
    it(`${JSON.stringify(body)} with ${status}`, async () => {
      await refused("POST", "", body, status, text);
      assert.equal((await good("GET", "")).total_count, 0);
    });

  it("a taken name or secret with 409, at creation and by change", async () => {
    const one = await make({ name: "one", value: "the-same-secret-value" });
    const two = await make({ name: "two" });
    await refused("POST", "", { name: "one" }, 409, /one/);
    await refused("POST", "", { name: "three", value: "the-same-secret-value" }, 409, /same value/);
    await refused("PUT", `/${two.id}`, { name: "one" }, 409, /one/);
    await refused("PUT", `/${two.id}`, { value: "the-same-secret-value" }, 409, /same value/);
    assert.equal((await read(two.id)).name, "two");
    assert.equal((await change(one.id, { name: "one" })).name, "one");
  });

  it("an id that is not there with 404, and another id than the path's", async () => {
    for (const [method, path] of [
      ["GET", "/none"],
      ["PUT", "/none"],
      ["DELETE", "/none"],
      ["POST", "/none/rotate"],
    ] as const)
      await refused(method, path, method === "PUT" ? {} : undefined, 404, /no virtual key with the id 'none'/);
    const key = await make({ name: "x" });
    await refused("PUT", `/${key.id}`, { id: "other" }, 400, /cannot be changed/);
  });

  it("a body that is no object, or names a member twice", async () => {
    await refused("POST", "", "[]", 400, /must be an object/);
    await refused("POST", "", "{", 400, /not valid JSON/);
    await refused("POST", "", '{"name":"a","name":"b"}', 400, /given twice/);
    const absurd = '{"name":"a","budgets":[{"max_limit":1e400,"reset_duration":"1d"}]}';
    await refused("POST", "", absurd, 400, /a number is too large: line 1, column 37/);
    await refused("POST", "", '{"name":"a","budgets":[{"max_limit":null,"reset_duration":"1d"}]}', 400, /max_limit/);
  });
});

describe("a change", () => {
  const WHOLE = {
    name: "whole",
    description: "d",
    budgets: [BUDGET, { max_limit: 50, reset_duration: "1M", calendar_aligned: true }],
    rate_limit: RATE,
    expires_at: "2099-01-01T00:00:00Z",
    provider_configs: [
      { ...OPENAI, blacklisted_models: ["gpt-never"], key_ids: ["k1"], budgets: [BUDGET] },
      { provider: "anthropic", allowed_models: ["m"], weight: null },
    ],
  };

  it("with what was read changes nothing", async () => {
    for (const body of [WHOLE, { name: "bare" }, { virtual_key: "vk-shown" }]) {
      const { id } = await make(body);
      const shown = await read(id);
      const after = await change(id, shown);
      assert.deepEqual(lasting(after), lasting(shown));
      assert.deepEqual(lasting(await read(id)), lasting(shown));
      const hash = (await held.book.virtualKey(id))?.entity.valueHash;
      await change(id, { ...shown, description: "other" });
      assert.equal((await held.book.virtualKey(id))?.entity.valueHash, hash, "the secret stays");
      const answer = await good("GET", `/${id}`);
      const again = { ...answer, virtual_key: { ...answer.virtual_key, description: "within its answer" } };
      assert.equal((await change(id, again)).description, "within its answer");
    }
  });

  it("leaves what it does not name, at every depth", async () => {
    const { id } = await make(WHOLE);
    const before = await read(id);
    const after = await change(id, { description: "new" });
    assert.deepEqual(lasting(after), lasting({ ...before, description: "new" }));
    await change(id, { is_active: false });
    await change(id, {
      is_active: null,
      name: null,
      provider_configs: null,
      budgets: null,
      rate_limit: null,
      budget: null,
    });
    const left = await read(id);
    assert.equal(left.is_active, false);
    assert.deepEqual(left.provider_configs, before.provider_configs);
    assert.deepEqual(left.budgets, before.budgets);
  });

  it("of budgets finds them by id, by window, or as the only one", async () => {
    const { id } = await make(WHOLE);
    const [day, month] = (await read(id)).budgets;
    const byId = await change(id, { budgets: [{ id: month.id, max_limit: 60 }, { id: day.id }] });
    assert.deepEqual(
      byId.budgets.map((one: Shown) => [one.id, one.max_limit, one.reset_duration, one.calendar_aligned]),
      [
        [month.id, 60, "1M", true],
        [day.id, 10, "1d", false],
      ],
    );
    const byWindow = await change(id, { budgets: [{ reset_duration: "1mo", max_limit: 70 }] });
    assert.deepEqual(
      byWindow.budgets.map((one: Shown) => [one.id, one.max_limit]),
      [[month.id, 70]],
    );
    const only = await change(id, { budgets: [{ max_limit: 80 }] });
    assert.deepEqual(
      only.budgets.map((one: Shown) => [one.id, one.max_limit, one.reset_duration]),
      [[month.id, 80, "1M"]],
    );
    const single = await change(id, { budget: { max_limit: 90, reset_duration: "1w" } });
    assert.deepEqual(
      single.budgets.map((one: Shown) => [one.id, one.max_limit, one.reset_duration]),
      [[month.id, 90, "1w"]],
    );
    assert.deepEqual((await change(id, { budgets: [] })).budgets, []);
    assert.equal((await change(id, { budget: BUDGET })).budgets.length, 1);
  });

  it("by the singular budget leaves the others, and asks which is meant", async () => {
    const { id } = await make(WHOLE);
    const shown = await read(id);
    const after = await change(id, { ...shown, budget: { ...shown.budget, max_limit: 11 } });
    assert.deepEqual(
      after.budgets.map((one: Shown) => one.max_limit),
      [11, 50],
    );
    const listed = { ...shown, budgets: [{ ...shown.budgets[0], max_limit: 12 }, shown.budgets[1]] };
    await refused("PUT", `/${id}`, { budget: { max_limit: 1 } }, 400, /there are 2 budgets/);
    assert.deepEqual(
      (await change(id, { budgets: listed.budgets })).budgets.map((one: Shown) => one.max_limit),
      [12, 50],
    );
    await refused("PUT", `/${id}`, { budgets: [BUDGET, BUDGET] }, 400, /two budgets with one reset_duration/);
  });

  it("of the rate limit keeps the other half, and null takes a half off", async () => {
    const { id } = await make(WHOLE);
    const less = await change(id, { rate_limit: { request_max_limit: 3 } });
    assert.deepEqual(
      [less.rate_limit.request_max_limit, less.rate_limit.request_reset_duration, less.rate_limit.token_max_limit],
      [3, "1m", 1000],
    );
    const half = await change(id, { rate_limit: { token_max_limit: null } });
    assert.deepEqual([half.rate_limit.token_max_limit, half.rate_limit.token_reset_duration], [null, null]);
    assert.equal(half.rate_limit.id, less.rate_limit.id);
    assert.equal((await change(id, { rate_limit: { request_max_limit: null } })).rate_limit, null);
  });

  it("clears the end by an empty text", async () => {
    const { id } = await make(WHOLE);
    assert.equal((await change(id, { description: "x" })).expires_at, "2099-01-01T00:00:00Z");
    assert.equal((await change(id, { expires_at: "" })).expires_at, null);
    assert.equal((await held.book.virtualKey(id))?.entity.expiresAt, null);
  });

  it("takes provider configs as the full wanted list, each row on top of the one with its id or provider", async () => {
    const { id } = await make(WHOLE);
    const [openai, anthropic] = (await read(id)).provider_configs;
    const after = await change(id, {
      provider_configs: [
        { provider: "gemini", allowed_models: ["g"] },
        { id: openai.id, provider: "openai", weight: 0.1 },
      ],
    });
    assert.deepEqual(
      after.provider_configs.map((row: Shown) => row.provider),
      ["gemini", "openai"],
    );
    const row = after.provider_configs[1];
    assert.deepEqual(
      [row.id, row.weight, row.allowed_models, row.blacklisted_models, row.key_ids, row.budgets[0].max_limit],
      [openai.id, 0.1, ["gpt-4o"], ["gpt-never"], ["k1"], 10],
      "what a row leaves out is not widened",
    );
    const back = await change(id, { provider_configs: [{ provider: "openai", weight: null }, anthropic] });
    assert.equal(back.provider_configs[0].weight, null);
    assert.deepEqual((await change(id, { provider_configs: [] })).provider_configs, []);
  });

  it("takes the provider keys from whichever member says something new", async () => {
    const { id } = await make(WHOLE);
    const row = async (more: object): Promise<Shown> => {
      const [first, ...rest] = (await read(id)).provider_configs;
      return (await change(id, { provider_configs: [{ ...first, ...more }, ...rest] })).provider_configs[0];
    };
    assert.deepEqual((await row({ key_ids: ["k2"] })).key_ids, ["k2"]);
    assert.deepEqual((await row({ keys: [{ id: "k3" }] })).key_ids, ["k3"]);
    assert.deepEqual((await row({ allow_all_keys: true })).key_ids, ["*"]);
    assert.deepEqual((await row({ key_ids: ["k4"] })).allow_all_keys, false);
    assert.deepEqual((await row({ key_ids: [] })).key_ids, []);
    assert.deepEqual((await row({ keys: [] })).key_ids, []);
  });

  it("does not take a mask for a secret", async () => {
    const { id } = await make({ name: "x" });
    const { value } = await read(id);
    await change(id, { value });
    await refused("PUT", `/${id}`, { value: `sk-b${"*".repeat(24)}0000` }, 400, /masked value/);
    const after = await change(id, { value: "a-new-secret-of-mine" });
    assert.doesNotMatch(JSON.stringify(after), /secret-of-mine/);
  });

  it("forgets starting values of use when it is told to", async () => {
    const { id } = await make({ name: "x", budgets: [BUDGET] });
    await change(id, { reset_budget_usage: true });
    assert.equal((await read(id)).budgets[0].current_usage, 0);
  });

  it("by many at once loses none", async () => {
    const { id } = await make({ name: "x", provider_configs: [OPENAI] });
    await Promise.all([
      change(id, { description: "d" }),
      change(id, { is_active: false }),
      change(id, { budgets: [BUDGET] }),
      change(id, { rate_limit: RATE }),
    ]);
    const after = await read(id);
    assert.deepEqual(
      [after.description, after.is_active, after.budgets.length, after.rate_limit.token_max_limit],
      ["d", false, 1, 1000],
    );
  });
});

describe("lists, rotation and removal", () => {
  it("a list has pages of 25, 100 at most, an order, a search, and says how many there are", async () => {
    for (let n = 0; n < 30; n++) await make({ name: `key-${String(n).padStart(2, "0")}` });
    const first = await good("GET", "");
    assert.deepEqual([first.count, first.total_count, first.limit, first.offset], [25, 30, 25, 0]);
    assert.equal(first.virtual_keys.length, 25);
    assert.equal((await good("GET", "?limit=500")).limit, 100);
    assert.equal((await good("GET", "?limit=10&offset=25")).count, 5);
    const names = async (query: string) => (await good("GET", query)).virtual_keys.map((key: Shown) => key.name);
    assert.deepEqual(await names("?sort_by=name&order=desc&limit=2"), ["key-29", "key-28"]);
    assert.deepEqual(await names("?search=KEY-1&limit=3&sort_by=name&from_memory=true"), [
      "key-10",
      "key-11",
      "key-12",
    ]);
    assert.equal((await good("GET", "?team_id=t")).total_count, 0);
    assert.equal((await good("GET", "?exclude_access_profile_managed=true&customer_id=")).total_count, 30);
    for (const [query, text] of [
      ["?limit=x", /'limit' must be a whole number/],
      ["?offset=-1", /'offset'/],
      ["?sort_by=colour", /must be one of name/],
      ["?serach=x", /did you mean 'search'/],
    ] as const)
      await refused("GET", query, undefined, 400, text);
    assert.doesNotMatch(JSON.stringify(first), /sk-bf-[0-9a-f]/);
  });

  it("rotation gives another secret once and leaves the rest", async () => {
    const key = await make({ name: "x", provider_configs: [OPENAI], budgets: [BUDGET] });
    const before = await read(key.id);
    const { message, virtual_key: rotated } = await good("POST", `/${key.id}/rotate`);
    assert.equal(message, "Virtual key rotated successfully");
    assert.match(rotated.value, /^sk-bf-[0-9a-f-]{36}$/);
    assert.notEqual(rotated.value, key.value);
    const after = await read(key.id);
    assert.deepEqual(lasting({ ...after, value: "" }), lasting({ ...before, value: "" }));
    assert.ok(held.concealed.has(rotated.value), "no line of the log may show it");
  });

  it("many are rotated together, or none when one is not there", async () => {
    const keys = [await make({ name: "a" }), await make({ name: "b" })];
    const ids = keys.map((key) => key.id);
    await refused("POST", "/rotate", { ids: [...ids, "none"] }, 404, /none/);
    await refused("POST", "/rotate", { ids: [] }, 400, /'ids'/);
    await refused("POST", "/rotate", { id: "x" }, 400, /did you mean 'ids'/);
    const { virtual_keys: rotated } = await good("POST", "/rotate", { ids });
    assert.deepEqual(
      rotated.map((key: Shown) => key.id),
      ids,
    );
    assert.equal(new Set([...keys, ...rotated].map((key: Shown) => key.value)).size, 4);
  });

  it("a removed key is gone, and its name is free", async () => {
    const key = await make({ name: "x" });
    assert.deepEqual(await good("DELETE", `/${key.id}`), { message: "Virtual key deleted successfully" });
    await refused("GET", `/${key.id}`, undefined, 404, /no virtual key/);
    await refused("DELETE", `/${key.id}`, undefined, 404, /no virtual key/);
    assert.equal((await make({ name: "x" })).name, "x");
  });
});
