// The audit of management over the real book: every write leaves a row, done or refused, and no row holds a secret.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { type TestBook, testBook } from "../config/book/fixtures/house.ts";
import { type ConfigStore, StoreUnavailableError } from "../core/config-store.ts";
import type { PlaneHandler } from "../lib/channel/bridge-responder.ts";
import { AuditTrail } from "./audit-trail.ts";
import { BY_PLACE } from "./authorise.ts";
import { controlRoutes } from "./control-routes.ts";
import { callRoute, testHouse } from "./fixtures/house.ts";
import { createRouter } from "./router.ts";

const CANARY = "sk-canary-0123456789-never-in-the-audit";

/** Parsed; tests look into any shape. */
type Shown = ReturnType<typeof JSON.parse>;

let held: TestBook;
let handler: PlaneHandler;
let troubles: unknown[];
let trail: AuditTrail;
let now: number;

function house(store: () => Pick<ConfigStore, "saveAudit" | "audit">): void {
  troubles = [];
  now = 1_800_000_000_000;
  trail = new AuditTrail({
    store,
    login: () => "ada",
    onTrouble: (_row, error) => troubles.push(error),
    now: () => now++,
  });
  const all = { ...testHouse(), book: held.book, audit: trail };
  handler = createRouter(controlRoutes(all), BY_PLACE, trail);
}

beforeEach(async () => {
  held = await testBook();
  house(() => held.store);
});

const call = (method: string, target: string, body?: unknown) =>
  callRoute(handler, method, target, body === undefined ? {} : { body });

async function rows(query = ""): Promise<Shown[]> {
  const { status, json, text } = await call("GET", `/api/audit${query}`);
  assert.equal(status, 200, text);
  assert.doesNotMatch(text, /canary/);
  return json.audit;
}

const PROVIDER = { provider: "openai", keys: [{ name: "first", value: CANARY }], network_config: { max_retries: 2 } };

describe("a change of an entry", () => {
  it("leaves a row for each entry, with who, when, what was before and after", async () => {
    assert.equal((await call("POST", "/api/providers", PROVIDER)).status, 200);
    const made = await rows();
    assert.deepEqual(made.map(({ entity }) => entity).toSorted(), ["provider", "provider-key"]);
    for (const row of made) assert.deepEqual([row.before, row.outcome, row.status], [null, "done", 200]);
    assert.deepEqual(made.find(({ entity }) => entity === "provider-key").after.value, "<redacted>");
    await call("PUT", "/api/providers/openai", { network_config: { max_retries: 5 } });
    const [changed] = await rows("?limit=1");
    assert.deepEqual(
      [changed.actor, changed.method, changed.path, changed.entity, changed.entity_id],
      ["ada", "PUT", "/api/providers/openai", "provider", "openai"],
    );
    assert.equal(changed.before.network_config.max_retries, 2);
    assert.equal(changed.after.network_config.max_retries, 5);
    await call("DELETE", "/api/providers/openai");
    const gone = (await rows()).filter(({ method }) => method === "DELETE");
    assert.deepEqual(
      gone.map(({ after }) => after),
      [null, null],
    );
  });

  it("says that a secret is another one, and nothing of either", async () => {
    await call("POST", "/api/providers", PROVIDER);
    const [{ id }] = (await call("GET", "/api/providers/openai/keys")).json.keys;
    await call("PUT", `/api/providers/openai/keys/${id}`, { name: "first", value: `${CANARY}-2`, models: ["*"] });
    const [row] = await rows("?entity=provider-key&limit=1");
    assert.deepEqual([row.before.value, row.after.value], ["<redacted>", "<redacted: changed>"]);
    await call("PUT", "/api/config", {
      auth_config: { admin_username: "ada", admin_password: "canary-password-1", is_enabled: true },
    });
    const [login] = await rows("?entity=block&entity_id=auth_config");
    assert.equal(login.after.admin_password, "<redacted>");
    await call("PUT", "/api/proxy-config", { enabled: true, url: "http://p.example:1", password: "canary-word" });
    assert.equal((await rows("?entity_id=proxy_config"))[0].after.password, "<redacted>");
  });

  it("tells of a virtual key without its secret, also where it is called by it", async () => {
    const make = (body: object) => call("POST", "/api/governance/virtual-keys", body);
    const made = await make({ name: "tenant", value: "sk-bf-canary-0123456789" });
    const { id } = made.json.virtual_key;
    await make({ name: "sk-bf-canary-named-by-itself", value: "sk-bf-canary-named-by-itself" });
    await call("POST", `/api/governance/virtual-keys/${id}/rotate`);
    const found = await rows("?entity=virtual-key");
    assert.deepEqual(
      found.map(({ entity_name: name, before, after }) => [name, before?.value, after.value]),
      [
        ["tenant", "<redacted>", "<redacted: changed>"],
        ["<redacted>", undefined, "<redacted>"],
        ["tenant", undefined, "<redacted>"],
      ],
    );
    await call("DELETE", "/api/governance/virtual-keys/sk-bf-canary-0123456789");
    const [refused] = await rows("?limit=1");
    assert.deepEqual([refused.path, refused.status], ["/api/governance/virtual-keys/<redacted>", 404]);
  });
});

describe("a write that changes no entry", () => {
  it("leaves a row with what was asked for, without texts that may hold anything", async () => {
    house(() => held.store);
    await call("POST", "/api/pricing/force-sync", { amount: 5, note: "by hand", other: CANARY, deep: { a: CANARY } });
    const [row] = await rows();
    assert.deepEqual([row.entity, row.outcome, row.after], ["pricing", "done", { amount: 5, note: "by hand" }]);
  });

  it("that is refused leaves the code and the member, not the body", async () => {
    await call("POST", "/api/providers", { ...PROVIDER, network_config: { max_retries: CANARY } });
    await call("POST", "/api/providers", { ...PROVIDER, [CANARY]: 1 });
    const [unknown, wrong] = await rows();
    assert.deepEqual([wrong.outcome, wrong.status, wrong.entity], ["refused", 400, "provider"]);
    assert.equal(wrong.reason, "invalid_request network_config.max_retries");
    assert.equal(unknown.reason, "invalid_request");
    assert.equal(held.book.provider("openai"), undefined);
  });

  it("leaves none where nothing is written", async () => {
    for (const target of ["/api/providers", "/api/config", "/api/audit"]) await call("GET", target);
    await call("POST", "/api/session/ws-ticket");
    assert.deepEqual(await rows(), []);
  });
});

describe("a store that cannot be written", () => {
  it("refuses the change together with its row, and both reasons are there when it is back", async () => {
    const { store } = held;
    let isDown = true;
    const real = store.write.bind(store);
    store.write = async (...given) => {
      if (isDown) throw new StoreUnavailableError("the disk is full");
      return real(...given);
    };
    const save = store.saveAudit.bind(store);
    store.saveAudit = async (given) => {
      if (isDown) throw new StoreUnavailableError("the disk is full");
      return save(given);
    };
    assert.equal((await call("POST", "/api/providers", PROVIDER)).status, 503);
    assert.equal(held.book.provider("openai"), undefined);
    assert.equal(troubles.length, 0, "nothing was done");
    isDown = false;
    await call("POST", "/api/pricing/force-sync");
    assert.deepEqual(
      (await rows()).map(({ entity, status }) => [entity, status]),
      [
        ["pricing", 200],
        ["provider", 503],
      ],
    );
  });

  it("does not undo an act, and the answer says that its row is still to come", async () => {
    held.store.saveAudit = async () => {
      throw new StoreUnavailableError("the disk is full");
    };
    const answer = await call("POST", "/api/pricing/force-sync");
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["x-drawbridge-audit"], "pending");
    assert.equal(troubles.length, 1);
  });
});

describe("failed logins", () => {
  it("are kept, some in an hour, and the rest is counted", async () => {
    for (let n = 0; n < 100; n++) trail.guess("10.0.0.1");
    await new Promise((resolve) => setImmediate(resolve));
    const found = await rows("?actor=10.0.0.1&limit=100");
    assert.equal(found.length, 30);
    assert.deepEqual([found[0].entity, found[0].status, found[0].reason], ["session", 401, "failed login"]);
    now += 3_600_000;
    trail.guess("10.0.0.2");
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual((await rows("?limit=1"))[0].after, { failed_logins_not_kept: 70 });
  });
});

describe("GET /api/audit", () => {
  it("is asked by entity, actor and time, in pages", async () => {
    for (const name of ["a", "b", "c"]) await call("POST", "/api/governance/virtual-keys", { name });
    const page = (await call("GET", "/api/audit?limit=1&offset=1")).json;
    assert.deepEqual([page.total, page.limit, page.offset, page.audit[0].entity_name], [3, 1, 1, "b"]);
    assert.equal((await rows("?actor=ada")).length, 3);
    assert.equal((await rows("?actor=grace")).length, 0);
    assert.equal((await rows(`?since=${page.audit[0].timestamp}`)).length, 2);
    assert.equal((await rows(`?until=${page.audit[0].timestamp}`)).length, 2);
  });

  it("says what is wrong with the question", async () => {
    for (const [query, message] of [
      ["?entitty=x", /'entitty' is no parameter of the audit; did you mean 'entity'/],
      ["?since=yesterday", /'since' must be a time such as/],
      ["?limit=1001", /whole number from 0 to 1000/],
      ["?offset=-1", /'offset' must be a whole number/],
    ] as const) {
      const { status, json } = await call("GET", `/api/audit${query}`);
      assert.equal(status, 400);
      assert.match(json.error.message, message);
    }
  });
});
