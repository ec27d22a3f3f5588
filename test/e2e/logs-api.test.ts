// The logs API of a running gateway agrees with what was sent: pages, attempts as rows, stats, charts, rankings, sessions, exports.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type AdminAnswer, call, change } from "../support/admin-calls.ts";
import type { Reply } from "../support/conversation.ts";
import { type Rig, startRig } from "../support/rig.ts";

let rig: Rig;
let good = "";
let bad = "";
let failedOver: Reply;
/** Client calls, and those of them that failed. */
const SENT = 9;
const FAILED = 1;

before(async () => {
  rig = await startRig({ plain: { base: "openai", count: 2 } });
  bad = rig.fresh("plain", () => "status-503");
  good = rig.fresh("plain");
  const ada = { "x-bf-dim-user": "ada", "x-bf-dim-team": 'red, "blue"' };
  for (let call = 0; call < 4; call++) await rig.ask({ model: `${good}/gpt-4o`, headers: ada });
  for (let call = 0; call < 2; call++) await rig.ask({ model: `${good}/gpt-4o-mini`, stream: true });
  await rig.ask({ model: `${good}/gpt-4o-mini`, headers: { "x-bf-dim-user": "=1+1" } });
  failedOver = await rig.ask({ model: `${bad}/gpt-4o`, fallbacks: [`${good}/gpt-4o`] });
  await rig.ask({ model: `${bad}/gpt-4o` });
  await rig.gateway.logs(SENT, "limit=100");
});

after(async () => {
  await rig?.close();
});

const get = async (target: string): Promise<AdminAnswer> => call(rig.gateway.url, "GET", `/api/logs${target}`);

type Told = AdminAnswer["json"];

const total = (buckets: readonly Told[], name: string): number => buckets.reduce((sum, one) => sum + one[name], 0);

test("a failover with two attempts is one row, counted as the client saw it", async () => {
  assert.equal(failedOver.status, 200);
  const { json } = await get(`?client_request_id=${failedOver.mark}`);
  assert.deepEqual([json.pagination.total_count, json.stats.total_requests, json.stats.success_rate], [1, 1, 100]);
  const [row] = json.logs;
  assert.deepEqual([row.status, row.provider, row.fallback_index, row.parent_request_id], ["success", good, 1, null]);
  assert.deepEqual(
    row.attempts.map((attempt: Told) => [attempt.provider, attempt.status]),
    [
      [bad, 503],
      [good, 200],
    ],
  );
  assert.equal((await get(`/${row.id}`)).json.id, row.id);
});

test("attempts=rows tells the same request as a row for each provider", async () => {
  const { logs } = (await get(`?client_request_id=${failedOver.mark}&attempts=rows`)).json;
  assert.deepEqual(
    logs.map((row: Told) => [row.provider, row.status, row.status_code, row.fallback_index]),
    [
      [bad, "error", 503, 0],
      [good, "success", 200, 1],
    ],
  );
  assert.equal(logs[1].parent_request_id, logs[0].id);
  assert.equal((await get(`/${logs[1].id}`)).json.provider, good);
});

test("stats, charts, rankings and dashboard agree with what was sent", async () => {
  const stats = (await get("/stats")).json;
  assert.deepEqual([stats.total_requests, stats.success_count, stats.error_count], [SENT, SENT - FAILED, FAILED]);
  assert.deepEqual([stats.retried_requests, stats.success_rate], [1, ((SENT - FAILED) / SENT) * 100]);
  for (const range of ["", "?period=1h"]) {
    const { buckets } = (await get(`/histogram${range}`)).json;
    assert.deepEqual([total(buckets, "count"), total(buckets, "error")], [SENT, FAILED], range);
    const tokens = (await get(`/histogram/tokens${range}`)).json.buckets;
    assert.equal(total(tokens, "total_tokens"), stats.total_tokens);
  }
  const { providers } = (await get("/histogram/latency/by-provider?period=1h")).json;
  assert.deepEqual(providers, [good, bad]);
  const { rankings } = (await get("/rankings?period=1h")).json;
  assert.deepEqual(
    rankings.map((entry: Told) => [entry.model, entry.total_requests, entry.success_count]),
    [
      ["gpt-4o", 6, 5],
      ["gpt-4o-mini", 3, 3],
    ],
  );
  const users = (await get("/rankings/by-dimension?dimension=user")).json.rankings;
  assert.equal(users.find((entry: Told) => entry.id === "ada").total_requests, 4);
  const dashboard = (await get("/dashboard?period=1h")).json;
  assert.equal(dashboard.overview.stats.total_requests, SENT);
  assert.equal(total(dashboard.overview.requests.buckets, "count"), SENT);
  assert.equal(dashboard.model_rankings.rankings[0].total_requests, 6);
});

test("filters find what requests told of themselves, and filterdata names it", async () => {
  const count = async (query: string): Promise<number> => (await get(`?${query}`)).json.pagination.total_count;
  assert.equal(await count("user_ids=ada"), 4);
  assert.equal(await count("status=error"), FAILED);
  assert.equal(await count("retried_only=true"), 1);
  assert.equal(await count(`content_search=${failedOver.mark}`), 1);
  assert.equal(await count("business_unit_ids=x"), 0);
  const data = (await get("/filterdata")).json;
  assert.deepEqual(data.models, ["gpt-4o", "gpt-4o-mini"]);
  assert.deepEqual(data.users.map((user: Told) => user.id).toSorted(), ["=1+1", "ada"]);
  assert.ok("team" in data.metadata_keys, JSON.stringify(data.metadata_keys));
});

test("pages by cursor tell every row once", async () => {
  const ids: string[] = [];
  let after = "";
  do {
    const { logs, pagination } = (await get(`?limit=4&fields=summary&after=${after}`)).json;
    ids.push(...logs.map((row: Told) => row.id));
    after = pagination.next ?? "";
  } while (after !== "" && ids.length < 50);
  assert.equal(ids.length, SENT);
  assert.equal(new Set(ids).size, SENT);
});

test("exports hold every row and can be read back", async () => {
  const lines = await fetch(`${rig.gateway.url}/api/logs/export?format=jsonl&order=asc`);
  assert.equal(lines.headers.get("x-total-count"), String(SENT));
  assert.match(lines.headers.get("content-disposition") ?? "", /attachment; filename=".*\.jsonl"/);
  const rows = (await lines.text())
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(rows.length, SENT);
  assert.equal(rows[0].metadata.team, 'red, "blue"');
  const csv = await (await fetch(`${rig.gateway.url}/api/logs/export?format=csv&order=asc`)).text();
  const [head = "", ...cells] = csv.trimEnd().split("\r\n");
  assert.equal(cells.length, SENT);
  assert.ok(head.startsWith("id,timestamp,status,"));
  assert.ok(cells[0]?.startsWith(rows[0].id));
  assert.ok(csv.includes(",'=1+1,"), "a formula is no formula");
  assert.ok(csv.includes('"{""team"":""red, \\""blue\\""""}"'), csv.slice(0, 900));
});

test("a HEAD of an export, a bad parameter and an unknown id are answered at once", async () => {
  const head = await fetch(`${rig.gateway.url}/api/logs/export?format=csv`, { method: "HEAD" });
  assert.equal(head.status, 200);
  const wrong = await get("/export?format=xls");
  assert.deepEqual([wrong.status, wrong.json.error.param], [400, "format"]);
  const missing = await get("/nobody-has-this-id");
  assert.equal(missing.status, 404);
  assert.match(missing.json.error.message, /nobody-has-this-id/);
});

test("what was dropped is told by the writing plane, and rows are deleted there with a row in the audit", async () => {
  const { json: dropped } = await get("/dropped");
  assert.equal(dropped.dropped_requests, 0);
  const [row] = (await get("?status=error")).json.logs;
  const { url } = rig.gateway;
  const deleted = await change(url, "DELETE", "/api/logs", { ids: [row.id, "never-was"] });
  assert.deepEqual([deleted.status, deleted.json.deleted, deleted.json.not_found], [200, 1, 1]);
  assert.equal((await get(`/${row.id}`)).status, 404);
  assert.equal((await get("?limit=100")).json.logs.length, SENT - 1);
  const audit = (await change(url, "GET", "/api/audit?limit=5")).json;
  assert.ok(JSON.stringify(audit).includes("DELETE"), JSON.stringify(audit));
});
