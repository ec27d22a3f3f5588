// The same virtual keys from the file and from the API: refused and let through alike, in every carrier, with fallbacks, whatever is injected.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { exchange } from "../../src/server/testing.ts";
import { type Dialect, errorOf } from "../support/conversation.ts";
import { type Rig, startRig } from "../support/rig.ts";

const CARRIERS: readonly (readonly [header: string, prefix: string])[] = [
  ["x-bf-vk", ""],
  ["authorization", "Bearer "],
  ["x-api-key", ""],
  ["x-goog-api-key", ""],
  ["api-key", ""],
];
const DIALECTS = ["openai", "anthropic"] as const satisfies Dialect[];

/** As the file and the API take them. */
const KEYS: readonly Readonly<Record<string, unknown>>[] = [
  { name: "good", provider_configs: [{ provider: "two0" }, { provider: "other0" }] },
  { name: "off", is_active: false, provider_configs: [{ provider: "two0" }] },
  { name: "old", expires_at: "2020-01-01T00:00:00Z", provider_configs: [{ provider: "two0" }] },
  {
    name: "narrow",
    provider_configs: [
      { provider: "two0", allowed_models: ["good-1", "status-500"], blacklisted_models: ["status-500x"] },
    ],
  },
  { name: "one-key", provider_configs: [{ provider: "two0", key_ids: ["two0-2"] }] },
  { name: "no-keys", provider_configs: [{ provider: "two0", key_ids: [] }] },
  { name: "no-models", provider_configs: [{ provider: "two0", allowed_models: [] }] },
  { name: "nothing", provider_configs: [] },
];

const ORIGINS = ["file", "api"] as const;
type Origin = (typeof ORIGINS)[number];
/** No `sk-bf-`: a credential that is refused because it is known, not because of its look. */
const secretOf = (origin: Origin, name: unknown): string => `vk-${origin}-${String(name)}-0123456789`;

let rig: Rig;
let enforcing: Rig;
const url = (): string => rig.gateway.url;

async function call(target: string, method: string, body?: unknown): Promise<{ status: number; text: string }> {
  const init =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const answer = await fetch(url() + target, { method, ...init });
  return { status: answer.status, text: await answer.text() };
}

before(async () => {
  const kinds = { two: { base: "openai", keys: 2 }, other: { base: "anthropic" } } as const;
  const ofFile = KEYS.map((key) => ({
    ...key,
    name: `file ${String(key["name"])}`,
    value: secretOf("file", key["name"]),
  }));
  rig = await startRig(kinds, { governance: { virtual_keys: ofFile } });
  enforcing = await startRig(kinds, { client: { enforce_auth_on_inference: true } });
  for (const key of KEYS) {
    const body = { ...key, name: `api ${String(key["name"])}`, value: secretOf("api", key["name"]) };
    const { status, text } = await call("/api/governance/virtual-keys", "POST", body);
    assert.equal(status, 200, text);
  }
});

after(async () => {
  await rig.close();
  await enforcing.close();
});

async function asked(origin: Origin, name: string, model: string, more: object = {}) {
  return rig.ask({ model, headers: { "x-bf-vk": secretOf(origin, name) }, ...more });
}

for (const origin of ORIGINS)
  describe(`keys from the ${origin}`, () => {
    test("good ones are taken, switched-off and expired ones are 403 in every carrier and dialect, and ask nobody", async () => {
      for (const [header, prefix] of CARRIERS)
        for (const dialect of DIALECTS)
          for (const [name, status] of [
            ["good", 200],
            ["off", 403],
            ["old", 403],
          ] as const) {
            const headers = { [header]: prefix + secretOf(origin, name) };
            const reply = await rig.ask({ dialect, model: "two0/echo", headers });
            assert.equal(reply.status, status, `${header} ${name}: ${reply.text}`);
            assert.equal(rig.seen(reply).length, status === 200 ? 1 : 0);
            if (status === 403) assert.match(errorOf(reply.json, dialect).message, /./);
          }
    });

    test("models, providers and provider keys are those of the key, also in lists of models", async () => {
      const cases: readonly (readonly [name: string, model: string, status: number])[] = [
        ["good", "two0/anything", 200],
        ["narrow", "two0/good-1", 200],
        ["narrow", "two0/good-2", 403],
        ["narrow", "other0/good-1", 403],
        ["one-key", "two0/echo", 200],
        ["no-keys", "two0/echo", 503],
        ["no-models", "two0/echo", 403],
        ["nothing", "two0/echo", 403],
        ["nothing", "demo/echo", 403],
      ];
      for (const [name, model, status] of cases)
        for (const stream of [false, true]) {
          const reply = await asked(origin, name, model, { stream });
          assert.equal(reply.status, status, `${name} ${model}: ${reply.text}`);
          if (status !== 200) assert.equal(rig.seen(reply).length, 0, `${name} ${model}`);
          else if (name === "one-key") assert.deepEqual(rig.keysSeen(reply), ["two0-2 echo"]);
        }
      const headers = { "x-bf-vk": secretOf(origin, "nothing") };
      const models = (await (await fetch(`${url()}/v1/models`, { headers })).json()) as { data: unknown[] };
      assert.deepEqual(models.data, []);
    });

    test("a fallback goes no further than the key, wherever it is named", async () => {
      const cases: readonly (readonly [fallbacks: readonly string[], status: number])[] = [
        [["other0/echo"], 500],
        [["two0/echo"], 500],
        [["demo/echo", "other0/echo"], 500],
        [["other0/echo", "two0/good-1"], 200],
      ];
      for (const dialect of DIALECTS)
        for (const stream of [false, true])
          for (const [fallbacks, status] of cases) {
            const reply = await asked(origin, "narrow", "two0/status-500", { dialect, stream, fallbacks });
            assert.equal(reply.status, status, reply.text);
            for (const { target, model } of rig.seen(reply)) {
              assert.equal(target, "/v1/chat/completions");
              assert.ok(["status-500", "good-1"].includes(model), model);
            }
          }
    });
  });

test("without a key, and with one that nobody knows, a gateway that demands one answers 401 in every carrier", async () => {
  for (const dialect of DIALECTS) {
    assert.equal((await enforcing.ask({ dialect, model: "two0/echo" })).status, 401);
    for (const [header, prefix] of CARRIERS)
      for (const value of ["sk-bf-nobody", "vk-nobody", "sk-proj-nobody", secretOf("api", "good")]) {
        const reply = await enforcing.ask({ dialect, model: "two0/echo", headers: { [header]: prefix + value } });
        assert.equal(reply.status, 401, `${header} ${value}`);
        assert.equal(enforcing.seen(reply).length, 0);
      }
  }
});

/** What somebody may try to make of a header's value; null: no head can hold it. */
const INJECTIONS: readonly (readonly [name: string, wrap: (good: string) => string, refused: RegExp])[] = [
  ["NUL behind it", (good) => `${good}\0`, /^HTTP\/1\.1 400 /],
  ["NUL within", (good) => `${good.slice(0, 5)}\0${good.slice(5)}`, /^HTTP\/1\.1 400 /],
  ["bare CR", (good) => `${good}\rx-bf-vk: ${good}`, /^HTTP\/1\.1 400 /],
  ["quotes", (good) => `"${good}"`, /^HTTP\/1\.1 401 /],
  ["SQL", (good) => `${good}' OR '1'='1`, /^HTTP\/1\.1 401 /],
  ["JSON", (good) => `{"value":"${good}"}`, /^HTTP\/1\.1 401 /],
  ["two in one line", (good) => `${good}, ${good}`, /^HTTP\/1\.1 401 /],
  ["encoded line end", (good) => `${good}%0d%0a`, /^HTTP\/1\.1 401 /],
  ["other case", (good) => good.toUpperCase(), /^HTTP\/1\.1 401 /],
  ["bytes beyond ASCII", (good) => `${good}\xe9\xff`, /^HTTP\/1\.1 40[01] /],
  ["a prototype", () => "__proto__", /^HTTP\/1\.1 401 /],
  ["8,000 characters", () => "a".repeat(8_000), /^HTTP\/1\.1 401 /],
];

test("what is injected into a virtual key is harmless in every carrier: refused, and the next request is served", async () => {
  const body = '{"model":"two0/echo","messages":[{"role":"user","content":"injected"}]}';
  const good = await makeKey(enforcing.gateway.url);
  for (const [header, prefix] of CARRIERS) {
    for (const [name, wrap, refused] of INJECTIONS) {
      const lines = ["POST /v1/chat/completions HTTP/1.1", "host: localhost", "connection: close"];
      lines.push(
        "content-type: application/json",
        `${header}: ${prefix}${wrap(good)}`,
        `content-length: ${body.length}`,
      );
      const answer = await exchange(
        enforcing.gateway.port,
        Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`, "latin1"),
      );
      assert.match(answer, refused, `${header}: ${name}`);
      assert.ok(!answer.includes(good), `${header}: ${name} is told`);
    }
    const reply = await enforcing.ask({ model: "two0/echo", headers: { [header]: prefix + good } });
    assert.equal(reply.status, 200, reply.text);
  }
  assert.ok(enforcing.upstream.requests.every(({ body: sent }) => !sent.includes("injected")));
});

async function makeKey(at: string): Promise<string> {
  const body = JSON.stringify({ name: "injected", provider_configs: [{ provider: "two0" }] });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${at}/api/governance/virtual-keys`, { method: "POST", headers, body });
  return ((await answer.json()) as { virtual_key: { value: string } }).virtual_key.value;
}
