// The book over a store in memory: what a change does to the store, the loop and the next answer, and what is refused.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject } from "../../core/config-store.ts";
import { GatewayError } from "../../core/errors.ts";
import { hashSecret } from "../virtual-keys.ts";
import { testBook } from "./fixtures/house.ts";
import { MemoryConfigStore, sharedMemory } from "./memory-store.ts";

const OPENAI: JsonObject = {
  keys: [{ name: "first", value: "sk-first-0123456789" }],
  network_config: { max_retries: 2 },
};

async function refusal(work: Promise<unknown>): Promise<GatewayError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof GatewayError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: "was not refused" });
}

describe("a provider by the API", () => {
  it("is stored, served and shown without its secret", async () => {
    const { book, store, loop, concealed } = await testBook();
    const { item, warnings } = await book.createProvider("openai", OPENAI);
    assert.deepEqual(warnings, []);
    assert.equal(item.entity?.network.maxRetries, 2);
    assert.equal(item.keys[0]?.masked["/value"], `sk-f${"*".repeat(24)}6789`);
    assert.equal(JSON.stringify(item.keys[0]?.body).includes("sk-first"), false);
    const stored = await store.get("provider-key", item.keys[0]!.id);
    assert.deepEqual(stored?.secrets, { "/value": "sk-first-0123456789" });
    const entity = loop.get("provider:openai");
    assert.equal(entity?.kind === "provider" && entity.keys[0]?.value, "sk-first-0123456789");
    assert.ok(concealed.has("sk-first-0123456789"));
  });

  it("is refused when it is configured already, also by the environment", async () => {
    const { book } = await testBook({ environment: { OPENAI_API_KEY: "sk-env-0123456789" } });
    assert.equal((await refusal(book.createProvider("openai", OPENAI))).status, 409);
  });

  it("is refused with unknown and wrong members by name, and nothing changes", async () => {
    const { book, loop, published } = await testBook();
    const error = await refusal(book.createProvider("openai", { ...OPENAI, network_config: { max_retry: 2 } }));
    assert.equal(error.status, 400);
    assert.match(error.message, /max_retry.*did you mean "max_retries"/);
    const wrong = await refusal(book.createProvider("openai", { network_config: { max_retries: "two" } }));
    assert.match(wrong.message, /network_config\.max_retries has the wrong type/);
    assert.equal(wrong.param, "network_config.max_retries");
    assert.equal(loop.size + published.length, 0);
    assert.equal(book.provider("openai"), undefined);
  });

  it("takes known members without effect and names them", async () => {
    const { book } = await testBook();
    const { warnings } = await book.createProvider("openai", { ...OPENAI, send_back_raw_request: true });
    assert.match(warnings.join(), /send_back_raw_request is not supported yet/);
  });

  it("keeps its keys when they are left out, and their secrets when they come back as shown", async () => {
    const { book, store } = await testBook();
    const made = (await book.createProvider("openai", OPENAI)).item;
    const kept = (await book.putProvider("openai", { network_config: {} })).item;
    assert.equal(kept.keys[0]?.id, made.keys[0]?.id);
    assert.equal(kept.entity?.network.maxRetries, 0);
    const shown = { ...kept.keys[0]!.body, value: kept.keys[0]!.masked["/value"]!, weight: 3 };
    const again = (await book.putProvider("openai", { keys: [shown] })).item;
    assert.equal(again.entity?.keys[0]?.value, "sk-first-0123456789");
    assert.equal(again.entity?.keys[0]?.weight, 3);
    await book.putProvider("openai", { keys: [{ name: "other", value: "sk-other-0123456789" }] });
    assert.equal(await store.get("provider-key", made.keys[0]!.id), null);
  });

  it("goes, and is remembered as gone where it would come back by itself", async () => {
    const { book, loop, store } = await testBook({ environment: { OPENAI_API_KEY: "sk-env-0123456789" } });
    await book.removeProvider("openai");
    assert.equal(loop.has("provider:openai"), false);
    assert.equal((await store.get("provider", "openai"))?.deleted, true);
    const next = await testBook({ store, environment: { OPENAI_API_KEY: "sk-env-0123456789" } });
    assert.equal(next.book.provider("openai"), undefined);
    assert.equal((await refusal(book.removeProvider("openai"))).status, 404);
  });

  it("of the environment becomes stored with its key as a reference when it is changed", async () => {
    const { book, store } = await testBook({ environment: { OPENAI_API_KEY: "sk-env-0123456789" } });
    assert.equal(book.provider("openai")?.source.type, "environment");
    const { item } = await book.putProvider("openai", { network_config: { max_retries: 1 } });
    assert.equal(item.source.type, "api");
    assert.equal(item.keys[0]?.body["value"], "env.OPENAI_API_KEY");
    assert.deepEqual((await store.get("provider-key", item.keys[0]!.id))?.secrets, {});
    assert.equal(item.entity?.keys[0]?.value, "sk-env-0123456789");
  });

  it("with an unset variable is served without that key, and the key says why", async () => {
    const { book } = await testBook();
    const keys = [
      { name: "a", value: "env.NOT_THERE" },
      { name: "b", value: "sk-b-0123456789" },
    ];
    const { item, warnings } = await book.createProvider("openai", { keys });
    assert.match(item.keys[0]?.problem ?? "", /NOT_THERE is not set/);
    assert.equal(item.keys[1]?.problem, null);
    assert.deepEqual(
      item.entity?.keys.map((key) => key.enabled),
      [false, true],
    );
    assert.match(warnings.join(), /NOT_THERE/);
  });

  it("does not send a stored key to another host", async () => {
    const { book } = await testBook();
    await book.createProvider("openai", OPENAI);
    const body = { network_config: { base_url: "https://elsewhere.example" } };
    assert.match(
      (await refusal(book.putProvider("openai", body))).message,
      /elsewhere\.example its value must be given again/,
    );
    await book.putProvider("openai", { ...body, keys: [{ name: "first", value: "sk-first-0123456789" }] });
  });
});

const atAddress = (base_url: string, more: JsonObject = {}): JsonObject => ({
  network_config: { base_url, ...more },
  keys: ["sk-1-0123456789"],
});

describe("an address by the API", () => {
  it("may be private only with allow_private_network, and never a metadata service", async () => {
    const { book } = await testBook({ resolve: (name) => (name === "inside.example" ? ["10.0.0.7"] : []) });
    assert.match(
      (await refusal(book.putProvider("openai", atAddress("http://10.1.2.3")))).message,
      /allow_private_network/,
    );
    assert.match(
      (await refusal(book.putProvider("openai", atAddress("http://inside.example")))).message,
      /allow_private_network/,
    );
    const never = atAddress("http://169.254.169.254", { allow_private_network: true });
    assert.match((await refusal(book.putProvider("openai", never))).message, /never reached/);
    await book.putProvider("openai", atAddress("http://10.1.2.3", { allow_private_network: true }));
  });

  it("may be this machine where only this machine asks", async () => {
    const near = await testBook();
    await near.book.putProvider("openai", atAddress("http://localhost:9000"));
    const far = await testBook({ isLocalListener: false });
    assert.match(
      (await refusal(far.book.putProvider("openai", atAddress("http://127.0.0.1:9000")))).message,
      /listens to other machines/,
    );
  });
});

describe("a key of a provider", () => {
  it("is added, changed and taken away", async () => {
    const { book } = await testBook();
    await book.createProvider("openai", OPENAI);
    const { item } = await book.createKey("openai", { name: "second", value: "sk-second-0123456789" });
    assert.equal(book.provider("openai")?.keys.length, 2);
    const changed = (await book.putKey("openai", item.id, { name: "renamed", weight: 0.5 })).item;
    assert.equal(changed.id, item.id);
    assert.equal(book.provider("openai")?.entity?.keys[1]?.value, "sk-second-0123456789");
    await book.removeKey("openai", item.id);
    assert.equal(book.provider("openai")?.keys.length, 1);
  });

  it("is refused under a taken name with 409", async () => {
    const { book } = await testBook();
    await book.createProvider("openai", OPENAI);
    assert.equal((await refusal(book.createKey("openai", { name: "first", value: "sk-x-0123456789" }))).status, 409);
    assert.equal((await refusal(book.createKey("nobody", { name: "first" }))).status, 404);
  });
});

describe("a virtual key", () => {
  const scope = { provider: "openai", allowed_models: ["gpt-4o"], budget: { max_limit: 10.5, reset_duration: "1mo" } };

  it("gets a secret that is told once and stored as its hash", async () => {
    const { book, store, loop } = await testBook();
    await book.createProvider("openai", OPENAI);
    const { item, value } = await book.createVirtualKey({ name: "prod", provider_configs: [scope] });
    assert.match(value, /^sk-bf-[0-9a-f-]{36}$/);
    const stored = await store.get("virtual-key", item.id);
    assert.equal(stored?.lookup, hashSecret(value));
    assert.equal(JSON.stringify(stored).includes(value), false);
    const entity = loop.get(`virtual-key:${item.id}`);
    assert.ok(entity?.kind === "virtual-key");
    assert.equal(entity.valueHash, hashSecret(value));
    assert.deepEqual(entity.providers?.[0]?.allowedModels, ["gpt-4o"]);
    assert.equal(entity.providers?.[0]?.budgets[0]?.maxLimitNano, "10500000000");
    assert.equal(entity.providers?.[0]?.budgets[0]?.resetDuration, "1M");
    assert.equal(item.shownValue.length, 32);
  });

  it("keeps its secret when it is changed, and gets another one when it is rotated", async () => {
    const { book, loop } = await testBook();
    const { item, value } = await book.createVirtualKey({ name: "prod", value: "my-own-secret-value" });
    assert.equal(value, "my-own-secret-value");
    await book.putVirtualKey(item.id, { name: "renamed", value: item.shownValue, is_active: false });
    const changed = loop.get(`virtual-key:${item.id}`);
    assert.ok(changed?.kind === "virtual-key" && changed.valueHash === hashSecret(value) && !changed.active);
    const rotated = await book.rotateVirtualKey(item.id);
    assert.notEqual(rotated.value, value);
    const after = loop.get(`virtual-key:${item.id}`);
    assert.ok(after?.kind === "virtual-key" && after.valueHash === hashSecret(rotated.value));
  });

  it("named by its secret is shown as it is", async () => {
    const { book } = await testBook();
    const { item } = await book.createVirtualKey({ virtual_key: "vk-prod-main", provider_configs: [] });
    assert.equal(item.name, "vk-prod-main");
    assert.equal(item.shownValue, "vk-prod-main");
  });

  it("may have its secret in the environment", async () => {
    const { book, store, ledger } = await testBook({ environment: { VK: "from-the-environment" } });
    const { item } = await book.createVirtualKey({ name: "prod", value: "env.VK" });
    assert.equal((await store.get("virtual-key", item.id))?.lookup, "");
    assert.equal(item.entity.valueHash, hashSecret("from-the-environment"));
    assert.equal((await ledger.findByLookup(hashSecret("from-the-environment")))?.id, item.id);
    assert.equal(item.body["value"], "env.VK");
    assert.equal((await refusal(book.createVirtualKey({ name: "b", value: "from-the-environment" }))).status, 409);
  });

  it("is refused under a taken name or secret with 409, and for an unknown provider with 400", async () => {
    const { book } = await testBook();
    await book.createVirtualKey({ name: "prod", value: "one-secret" });
    assert.equal((await refusal(book.createVirtualKey({ name: "prod" }))).status, 409);
    assert.equal((await refusal(book.createVirtualKey({ name: "other", value: "one-secret" }))).status, 409);
    const unknown = await refusal(book.createVirtualKey({ name: "x", provider_configs: [{ provider: "opnai" }] }));
    assert.match(unknown.message, /did you mean "openai"/);
    const nobody = await refusal(book.createVirtualKey({ name: "x", provider_configs: [{ provider: "zzz" }] }));
    assert.match(nobody.message, /neither configured nor known/);
    const later = await book.createVirtualKey({ name: "later", provider_configs: [{ provider: "openai" }] });
    assert.match(later.warnings.join(), /is not configured/);
    assert.equal((await refusal(book.putVirtualKey("nobody", {}))).status, 404);
  });

  it("goes", async () => {
    const { book, loop } = await testBook();
    const { item } = await book.createVirtualKey({ name: "prod" });
    await book.removeVirtualKey(item.id);
    assert.equal(loop.has(`virtual-key:${item.id}`), false);
    assert.equal(await book.virtualKey(item.id), undefined);
  });
});

function sheetAt(pricing_url: string): JsonObject {
  return { pricing: { pricing_url } };
}

describe("blocks", () => {
  it("become settings of the loop", async () => {
    const { book, loop } = await testBook();
    await book.putBlock("client", { enforce_auth_on_inference: true });
    const settings = loop.get("settings:");
    assert.ok(settings?.kind === "settings" && settings.enforceVirtualKeys);
    assert.equal(book.block("client")?.body["enforce_auth_on_inference"], true);
    assert.match((await refusal(book.putBlock("client", { enforce_auth: true }))).message, /enforce_auth/);
    assert.equal((await refusal(book.putBlock("providers", {}))).status, 404);
  });

  it("hold addresses by the rule for base URLs", async () => {
    const { book } = await testBook({ isLocalListener: false });
    assert.match(
      (await refusal(book.putBlock("framework", sheetAt("http://169.254.169.254/x")))).message,
      /never reached/,
    );
    assert.match(
      (await refusal(book.putBlock("framework", sheetAt("http://10.0.0.1/x")))).message,
      /only be set in config/,
    );
    assert.match((await refusal(book.putBlock("framework", sheetAt("http://localhost/x")))).message, /own machine/);
    await book.putBlock("framework", sheetAt("https://prices.example/x"));
  });

  it("keep a password as its hash alone", async () => {
    const { book, store } = await testBook();
    const { item } = await book.putBlock("auth_config", { admin_username: "me", admin_password: "correct horse" });
    const stored = await store.get("block", "auth_config");
    assert.match(stored?.secrets["/admin_password"] ?? "", /^\$argon2id\$/);
    assert.equal(JSON.stringify([stored, item]).includes("correct horse"), false);
  });
});

describe("two books on one store", () => {
  it("see each other's changes", async () => {
    const memory = sharedMemory();
    const one = await testBook({ store: new MemoryConfigStore(memory) });
    const other = await testBook({ store: new MemoryConfigStore(memory) });
    other.store.onForeignChange(() => void other.book.refresh());
    await one.book.createProvider("openai", OPENAI);
    const { item } = await one.book.createVirtualKey({ name: "prod" });
    await other.book.refresh();
    assert.ok(other.loop.has("provider:openai"));
    assert.ok(other.loop.has(`virtual-key:${item.id}`));
    await other.book.removeVirtualKey(item.id);
    assert.equal((await refusal(one.book.putVirtualKey(item.id, {}))).status, 404);
    assert.equal(one.loop.has(`virtual-key:${item.id}`), false);
    assert.deepEqual(other.published.map((change) => change.upserts.length + change.removes.length).at(-1), 1);
  });
});
