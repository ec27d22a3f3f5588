// The audit of a gateway that runs: who changed what, kept over a start, shared by processes, for the operator alone, without a secret.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { startTestGateway, type TestGateway, temporaryFolder } from "../support/gateway.ts";

const appDir = temporaryFolder("audit");
const PASSWORD = "planted horse battery";
const basic = (password: string): string => `Basic ${Buffer.from(`ada:${password}`).toString("base64")}`;

let gateway: TestGateway;

before(async () => {
  gateway = await startTestGateway({ appDir });
});
after(async () => {
  await gateway?.stop();
});

interface Row {
  readonly actor: string;
  readonly address: string;
  readonly method: string;
  readonly path: string;
  readonly entity: string;
  readonly entity_id: string;
  readonly outcome: string;
  readonly status: number;
  readonly reason: string;
}

async function call(method: string, target: string, body?: unknown, login = "", of = gateway) {
  const headers: Record<string, string> = login === "" ? {} : { authorization: login };
  if (body !== undefined) headers["content-type"] = "application/json";
  const answer = await fetch(`${of.url}${target}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text() };
}

async function rows(query: string, login = basic(PASSWORD), of = gateway): Promise<Row[]> {
  const { status, text } = await call("GET", `/api/audit${query}`, undefined, login, of);
  assert.equal(status, 200, text);
  assert.doesNotMatch(text, /planted/);
  return (JSON.parse(text) as { audit: Row[] }).audit;
}

test("the first login, by whoever sits at the machine, and then by name", async () => {
  const auth = { admin_username: "ada", admin_password: PASSWORD, is_enabled: true };
  assert.equal((await call("PUT", "/api/config", { auth_config: auth })).status, 200);
  const made = { name: "first", value: "sk-planted-key-0123456789" };
  assert.equal(
    (await call("POST", "/api/providers", { provider: "openai", keys: [made] }, basic(PASSWORD))).status,
    200,
  );
  const found = await rows("?limit=10");
  assert.deepEqual(found.map(({ actor, entity, method }) => [actor, entity, method]).toSorted(), [
    ["", "block", "PUT"],
    ["ada", "provider", "POST"],
    ["ada", "provider-key", "POST"],
  ]);
  assert.ok(found.every(({ address }) => address === "127.0.0.1" || address === "::1"));
});

test("a login, its end, and a failed one, by cookie and by Basic", async () => {
  await call("POST", "/api/session/login", { username: "ada", password: PASSWORD });
  assert.equal((await call("POST", "/api/session/login", { username: "ada", password: "planted wrong" })).status, 401);
  assert.equal((await call("GET", "/api/config", undefined, basic("planted other"))).status, 401);
  await call("POST", "/api/session/logout", undefined, basic(PASSWORD));
  const found = await rows("?entity=session");
  assert.deepEqual(
    found.map(({ actor, path: at, outcome }) => [actor, at, outcome]),
    [
      ["ada", "/api/session/logout", "done"],
      ["", "", "refused"],
      ["", "", "refused"],
      ["ada", "/api/session/login", "done"],
    ],
  );
});

test("nobody else reads it", async () => {
  assert.equal((await call("GET", "/api/audit")).status, 401);
  assert.equal((await call("GET", "/api/audit", undefined, basic("planted wrong again"))).status, 401);
});

test("another process on the same store has the same rows, and a start keeps them", async () => {
  const other = await startTestGateway({ appDir });
  try {
    await call("DELETE", "/api/providers/openai", undefined, basic(PASSWORD), other);
    for (const one of [gateway, other]) {
      const [row] = await rows("?entity=provider&limit=1", basic(PASSWORD), one);
      assert.deepEqual([row?.method, row?.entity_id], ["DELETE", "openai"]);
    }
  } finally {
    await other.stop();
  }
  const count = (await rows("?limit=100")).length;
  await gateway.stop();
  gateway = await startTestGateway({ appDir });
  assert.equal((await rows("?limit=100")).length, count);
  for (const name of readdirSync(appDir).filter((file) => file.startsWith("config.db")))
    assert.ok(!readFileSync(path.join(appDir, name)).includes("planted"), `${name} holds a secret`);
  assert.doesNotMatch(gateway.output(), /planted/);
});
