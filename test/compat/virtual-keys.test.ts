// Virtual keys by API as Bifrost's scripts of 1.4 and 2.x make them, in force with the next request, and kept over restarts.
import assert from "node:assert/strict";
import { globSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { ask, type Reply } from "../support/conversation.ts";
import { type FaultUpstream, startFaultUpstream } from "../support/fault-upstream.ts";
import { startTestGateway, type TestGateway, temporaryFolder } from "../support/gateway.ts";
import { until } from "../support/rig.ts";
import { lastKey, type Management, manage, provider14, type Shown } from "./management.ts";

const BASE = "/api/governance/virtual-keys";

let gateway: TestGateway;
let upstream: FaultUpstream;
let api: Management;

before(async () => {
  upstream = await startFaultUpstream();
  gateway = await startTestGateway({
    config: {
      client: { enforce_auth_on_inference: true },
      governance: { virtual_keys: [{ name: "of-the-file", value: "vk-file-canary-1", provider_configs: [] }] },
    },
    flags: ["-log-level", "debug"],
  });
  api = manage(gateway.url);
  for (const name of ["acme", "other"])
    await api.post("/api/providers", provider14(name, upstream.url, `sk-${name}-1`));
  const second = { ...provider14("acme", "", "sk-acme-2").keys[0], name: "acme-second" };
  await api.post("/api/providers/acme/keys", second);
});

after(async () => {
  await gateway?.stop();
  await upstream?.close();
});

/** Every model of the provider. */
const ROW = { provider: "acme", allowed_models: ["*"] };
const use = (value: string, model = "acme/echo"): Promise<Reply> =>
  ask(gateway.url, { model, headers: { "x-bf-vk": value } });
const make = async (body: object): Promise<Shown> => (await api.post(BASE, body)).virtual_key;
const read = async (id: string): Promise<Shown> => (await api.get(`${BASE}/${id}`)).virtual_key;
const change = async (id: string, body: object): Promise<Shown> => (await api.put(`${BASE}/${id}`, body)).virtual_key;

describe("in force with the next request", () => {
  test("a key of 2.x serves its models with its provider keys, until it is switched off, and again after", async () => {
    const key = await make({
      name: "team-2x",
      provider_configs: [{ provider: "acme", weight: 1, allowed_models: ["echo"], key_ids: ["acme-second"] }],
      budgets: [{ max_limit: 100, reset_duration: "1M" }],
      rate_limit: { request_max_limit: 600, request_reset_duration: "1m" },
    });
    assert.equal((await use(key.value)).status, 200);
    assert.equal(lastKey(upstream), "sk-acme-2");
    assert.equal((await use(key.value, "acme/status-500")).status, 403);
    assert.equal((await use(key.value, "other/echo")).status, 403);
    await change(key.id, { is_active: false });
    assert.equal((await use(key.value)).status, 403);
    await change(key.id, { is_active: true });
    assert.equal((await use(key.value)).status, 200);
    await change(key.id, { expires_at: "2020-01-01T00:00:00Z" });
    assert.equal((await use(key.value)).status, 403);
    await change(key.id, { expires_at: "" });
    assert.equal((await use(key.value)).status, 200);
  });

  test("headers that a key demands are missed in every dialect and in a simulation, until they are cleared", async () => {
    const key = await make({ name: "with-headers", required_headers: ["X-Team", "x-app"], provider_configs: [ROW] });
    assert.deepEqual(key.required_headers, ["X-Team", "x-app"]);
    const model = "acme/echo";
    const some = { "x-bf-vk": key.value, "x-app": "a" };
    const asked = (headers: Record<string, string>, dialect: "openai" | "anthropic" = "openai") =>
      ask(gateway.url, { model, dialect, headers });
    const [openai, anthropic] = [await asked(some), await asked(some, "anthropic")];
    assert.deepEqual([openai.status, openai.json["type"]], [400, "missing_required_headers"]);
    assert.match(openai.text, /required headers are missing: x-team"/);
    assert.deepEqual([anthropic.status, anthropic.json["type"]], [400, "error"]);
    assert.match(anthropic.text, /required headers are missing: x-team"/);
    const simulate = async (headers: Record<string, string>) =>
      (await api.post("/api/routing/simulate", { body: { model }, headers })).decision.refusal?.code ?? null;
    const all = { ...some, "X-TEAM": "blue" };
    assert.deepEqual([await simulate(some), await simulate(all)], ["missing_required_headers", null]);
    assert.deepEqual([(await asked(all)).status, (await asked(all, "anthropic")).status], [200, 200]);
    const other = await make({ name: "without-headers", provider_configs: [ROW] });
    assert.equal((await use(other.value)).status, 200);
    await change(key.id, { required_headers: null });
    assert.equal((await asked(some)).status, 200);
  });

  test("a key of 1.4 with its older members serves too", async () => {
    const [shown] = (await api.get("/api/providers/acme/keys")).keys;
    const key = await make({
      name: "team-14",
      budget: { max_limit: 10, reset_duration: "1d" },
      provider_configs: [{ provider: "acme", weight: 0.5, allowed_models: [], keys: [{ key_id: shown.id }] }],
    });
    assert.equal((await use(key.value)).status, 403, "what the API makes has the meaning of 2.x: no models");
    const [row] = key.provider_configs;
    await change(key.id, { provider_configs: [{ ...row, allowed_models: ["*"] }] });
    assert.equal((await use(key.value)).status, 200);
    assert.equal(lastKey(upstream), "sk-acme-1");
    assert.equal(key.budget.max_limit, 10);
  });

  test("the object of the scenarios is taken as it stands", async () => {
    const key = await make({ virtual_key: "vk-prod-main", provider_configs: [{ provider: "acme", weight: 0.8 }] });
    assert.deepEqual([key.name, key.value], ["vk-prod-main", "vk-prod-main"]);
    assert.equal((await use("vk-prod-main")).status, 200);
    assert.equal((await read(key.id)).value, "vk-prod-main");
  });

  test("after a rotation the old value is dead and the new one lives", async () => {
    const key = await make({ name: "rotated", provider_configs: [{ provider: "acme" }] });
    const { virtual_key: fresh } = await api.post(`${BASE}/${key.id}/rotate`);
    assert.equal((await use(key.value)).status, 401);
    assert.equal((await use(fresh.value)).status, 200);
    const { virtual_keys: both } = await api.post(`${BASE}/rotate`, { ids: [key.id] });
    assert.equal((await use(fresh.value)).status, 401);
    assert.equal((await use(both[0].value)).status, 200);
  });

  test("a deleted key is refused, and its value may be given to another", async () => {
    const key = await make({ name: "short", provider_configs: [{ provider: "acme" }] });
    assert.equal((await use(key.value)).status, 200);
    assert.deepEqual(await api.remove(`${BASE}/${key.id}`), { message: "Virtual key deleted successfully" });
    assert.equal((await use(key.value)).status, 401);
    const again = await make({ name: "short", value: key.value, provider_configs: [{ provider: "other" }] });
    assert.equal((await use(again.value, "other/echo")).status, 200);
  });

  test("a key of the file can be changed and deleted", async () => {
    const { virtual_keys: list } = await api.get(`${BASE}?search=of-the-file`);
    assert.equal(list[0].source.type, "file");
    assert.equal((await use("vk-file-canary-1")).status, 403);
    await change(list[0].id, { provider_configs: [{ provider: "acme" }] });
    assert.equal((await use("vk-file-canary-1")).status, 200);
    await api.remove(`${BASE}/${list[0].id}`);
    assert.equal((await use("vk-file-canary-1")).status, 401);
  });

  test("a hundred keys made and deleted under load fail no request", async () => {
    const steady = await make({ name: "steady", provider_configs: [{ provider: "acme" }] });
    const work = { isDone: false };
    const failed: Reply[] = [];
    const load = async (): Promise<void> => {
      while (!work.isDone) {
        const reply = await use(steady.value);
        if (reply.status !== 200) failed.push(reply);
      }
    };
    const loads = [load(), load(), load()];
    for (let n = 0; n < 100; n++) {
      const key = await make({ name: `many-${n}`, provider_configs: [{ provider: "acme" }] });
      if (n % 10 === 0) assert.equal((await use(key.value)).status, 200);
      await api.remove(`${BASE}/${key.id}`);
    }
    work.isDone = true;
    await Promise.all(loads);
    assert.deepEqual(
      failed.map((reply) => reply.text),
      [],
    );
  });
});

/** Without what moves by itself: a rate limit's window slides with every look. */
const MOVING = new Set(["updated_at", "config_hash", "token_last_reset", "request_last_reset"]);
const standing = (key: Shown): Shown =>
  JSON.parse(JSON.stringify(key, (name, value) => (MOVING.has(name) ? undefined : value)));

describe("shapes", () => {
  test("what is read is taken back by the PUT of the same path, for every key, and changes nothing", async () => {
    const {
      virtual_keys: keys,
      count,
      total_count: total,
      limit,
      offset,
    } = await api.get(`${BASE}?sort_by=name&limit=50`);
    assert.ok(count > 3);
    assert.deepEqual([count, limit, offset], [total, 50, 0]);
    for (const key of keys) {
      assert.deepEqual(standing(await change(key.id, await read(key.id))), standing(key));
    }
  });

  test("errors have the form of the management API and name the member", async () => {
    await make({ name: "taken" });
    const taken = await api.call("POST", BASE, { name: "taken" });
    assert.equal(taken.status, 409);
    assert.deepEqual(
      [taken.json.is_bifrost_error, taken.json.status_code, taken.json.error.code],
      [true, 409, "conflict"],
    );
    const wrong = await api.call("POST", BASE, { name: "w", provider_configs: [{ provider: "acme", wieght: 1 }] });
    assert.equal(wrong.status, 400);
    assert.match(wrong.json.error.message, /wieght.*weight/);
    assert.equal((await api.call("GET", `${BASE}/nothing`)).status, 404);
    assert.equal((await api.call("GET", `${BASE}/quota`)).status, 401);
    assert.equal((await api.call("PATCH", BASE, {})).status, 405);
  });
});

/** Of a call with this key at this process. */
const status = async (at: TestGateway, value: string): Promise<number> =>
  (await ask(at.url, { model: "demo/echo", headers: { authorization: `Bearer ${value}` } })).status;

test("keys outlive a restart and hold in another process of the store, and no secret stands in it", {
  timeout: 60_000,
}, async () => {
  const appDir = temporaryFolder("virtual-keys");
  const start = { appDir, flags: ["-log-level", "debug"], config: { client: { enforce_auth_on_inference: true } } };
  const [one, two] = [await startTestGateway(start), await startTestGateway(start)];
  const told: string[] = [];
  const values: string[] = [];
  try {
    const calls = manage(one.url);
    const make = async (name: string): Promise<Shown> =>
      (await calls.post(BASE, { name, provider_configs: [{ provider: "demo" }] })).virtual_key;
    const [kept, gone] = [await make("kept"), await make("gone")];
    const { virtual_key: rotated } = await calls.post(`${BASE}/${kept.id}/rotate`);
    values.push(kept.value, gone.value, rotated.value);
    await until("the other process knows it", async () => (await status(two, rotated.value)) === 200, 2_500);
    await calls.remove(`${BASE}/${gone.id}`);
    await until("the other process knows that it is gone", async () => (await status(two, gone.value)) === 401, 2_500);
    await one.stop();
    const again = await startTestGateway(start);
    try {
      assert.deepEqual(
        [await status(again, rotated.value), await status(again, kept.value), await status(again, gone.value)],
        [200, 401, 401],
      );
      const { virtual_keys: list } = await manage(again.url).get(BASE);
      assert.deepEqual(
        list.map((key: Shown) => key.name),
        ["kept"],
      );
      told.push(JSON.stringify(list));
      for (const target of [`${BASE}/${kept.id}`, "/metrics", "/api/logs?limit=100", "/"])
        told.push(await (await fetch(again.url + target)).text());
    } finally {
      await again.stop();
      told.push(again.output());
    }
    told.push(one.output());
    const files = globSync("**/*", { cwd: appDir }).map((file) => path.join(appDir, file));
    for (const file of files.filter((each) => statSync(each).isFile())) told.push(readFileSync(file, "latin1"));
    assert.ok(files.some((file) => file.endsWith(".db")));
  } finally {
    await two.stop();
    told.push(two.output());
    rmSync(appDir, { recursive: true, force: true });
  }
  for (const text of told)
    for (const value of values) {
      const at = text.indexOf(value);
      assert.equal(at, -1, `a secret stands behind ${text.slice(Math.max(0, at - 200), at)}`);
    }
});
