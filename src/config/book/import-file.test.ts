// The file against the store: who wins at a start, what deletions through the API mean, and what version 1 becomes.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import type { ConfigStore } from "../../core/config-store.ts";
import type { VirtualKeyEntity } from "../../core/entities.ts";
import type { LoadedFile } from "../load.ts";
import { loadObject, providerIn, virtualKeyIn } from "../testing.ts";
import { hashSecret } from "../virtual-keys.ts";
import { testBook } from "./fixtures/house.ts";
import { type Imported, importFile } from "./import-file.ts";
import { MemoryConfigStore } from "./memory-store.ts";
import { virtualKeyEntity } from "./virtual-key-entry.ts";

let time = 1_000;

function fingerprint(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

function importObject(store: ConfigStore, config: object, environment = {}): Promise<Imported> {
  const file: LoadedFile = {
    members: JSON.parse(JSON.stringify(config)) as Record<string, unknown>,
    label: "config.json",
    placeOf: () => "config.json:7",
  };
  const fileRules = (config as { source_of_truth?: string }).source_of_truth === "config.json";
  return importFile({ store, file, fileRules, environment, fingerprint, now: () => ++time });
}

async function reopened(store: ConfigStore) {
  return testBook({ store, file: { label: "config.json" } });
}

const FILE = {
  client: { enforce_auth_on_inference: true },
  providers: {
    openai: {
      keys: [
        { name: "first", value: "sk-first-0123456789" },
        { name: "second", value: "env.SECOND" },
      ],
      network_config: { max_retries: 1 },
    },
  },
  governance: {
    virtual_keys: [
      { name: "prod", value: "vk-prod-secret", provider_configs: [{ provider: "openai" }] },
      { virtual_key: "vk-by-secret", provider_configs: [{ provider: "openai", allowed_models: ["gpt-4o"] }] },
    ],
  },
};

describe("the first import", () => {
  it("makes entries of everything, and the same entities as the file alone", async () => {
    const store = new MemoryConfigStore();
    const environment = { SECOND: "sk-second-0123456789" };
    const { changed, places } = await importObject(store, FILE, environment);
    assert.equal(changed, 6);
    assert.equal(places.get("provider:openai"), "config.json:7");
    const { book, ledger } = await testBook({ store, environment, file: { label: "config.json", places } });
    const loaded = loadObject(FILE, environment);
    const expected = providerIn(loaded.entities, "openai");
    assert.deepEqual({ ...book.provider("openai")?.entity, source: "" }, { ...expected, source: "" });
    assert.equal(ledger.settings().enforceVirtualKeys, true);
    for (const name of ["prod", "vk-by-secret"]) {
      const [entry] = (await store.list("virtual-key", { search: name, limit: 1, offset: 0 })).entries;
      assert.deepEqual(virtualKeyEntity(entry!, environment), virtualKeyIn(loaded.entities, name));
    }
    const source = book.provider("openai")?.source;
    assert.deepEqual(source, { type: "file", place: "config.json:7" });
  });

  it("stores no secret in clear in a body", async () => {
    const store = new MemoryConfigStore();
    await importObject(store, FILE);
    const bodies: unknown[] = [];
    for (const kind of ["provider", "provider-key", "virtual-key", "block"] as const)
      await store.each(kind, (entry) => bodies.push(entry.body));
    const text = JSON.stringify(bodies);
    assert.equal(text.includes("sk-first-0123456789") || text.includes("vk-prod-secret"), false);
    assert.ok(text.includes("env.SECOND"));
  });
});

describe("a later start with the same file", () => {
  it("writes nothing, and leaves changes and deletions of the API", async () => {
    const store = new MemoryConfigStore();
    await importObject(store, FILE);
    const { book } = await reopened(store);
    await book.putProvider("openai", { network_config: { max_retries: 5 } });
    const [prod] = (await book.virtualKeys({ search: "prod", limit: 1, offset: 0 })).items;
    await book.removeVirtualKey(prod!.id);
    assert.equal((await importObject(store, FILE)).changed, 0);
    const next = await reopened(store);
    assert.equal(next.book.provider("openai")?.entity?.network.maxRetries, 5);
    assert.equal(next.book.provider("openai")?.source.type, "api");
    assert.equal((await next.book.virtualKeys({ search: "prod", limit: 9, offset: 0 })).total, 0);
  });
});

describe("an entry that changed in the file", () => {
  it("overwrites the stored one alone", async () => {
    const store = new MemoryConfigStore();
    await importObject(store, FILE);
    const { book } = await reopened(store);
    await book.putProvider("openai", { network_config: { max_retries: 5 } });
    const [named] = (await book.virtualKeys({ search: "by-secret", limit: 1, offset: 0 })).items;
    await book.putVirtualKey(named!.id, { is_active: false, provider_configs: [] });
    const file = structuredClone(FILE);
    file.providers.openai.network_config.max_retries = 2;
    assert.equal((await importObject(store, file)).changed, 1);
    const next = await reopened(store);
    assert.equal(next.book.provider("openai")?.entity?.network.maxRetries, 2);
    assert.equal((await next.book.virtualKey(named!.id))?.entity.active, false);
  });

  it("brings a deleted one back, a provider with its keys", async () => {
    const store = new MemoryConfigStore();
    await importObject(store, FILE);
    const { book } = await reopened(store);
    const [prod] = (await book.virtualKeys({ search: "prod", limit: 1, offset: 0 })).items;
    await book.removeVirtualKey(prod!.id);
    await book.removeProvider("openai");
    const file = structuredClone(FILE);
    file.providers.openai.keys[0]!.value = "sk-other-0123456789";
    file.governance.virtual_keys[0]!.provider_configs = [];
    await importObject(store, file);
    const next = await reopened(store);
    assert.deepEqual(
      next.book.provider("openai")?.keys.map((key) => key.name),
      ["first", "second"],
    );
    assert.equal((await next.book.virtualKey(prod!.id))?.entity.valueHash, hashSecret("vk-prod-secret"));
  });

  it("takes over one that the API made under its name", async () => {
    const store = new MemoryConfigStore();
    const { book } = await testBook({ store });
    const { item } = await book.createVirtualKey({ name: "prod", value: "made-by-the-api" });
    await importObject(store, FILE);
    const next = await reopened(store);
    assert.equal((await next.book.virtualKey(item.id))?.entity.valueHash, hashSecret("vk-prod-secret"));
    assert.equal((await importObject(store, FILE)).changed, 0);
  });

  it("with the value of another key of the API is left out with a warning", async () => {
    const store = new MemoryConfigStore();
    const { book } = await testBook({ store });
    await book.createVirtualKey({ name: "elsewhere", value: "vk-prod-secret" });
    const { warnings } = await importObject(store, FILE);
    assert.match(warnings.join(), /config\.json:7: another virtual key .* has the same value/);
  });
});

describe("what the file no longer has", () => {
  it("stays in the store", async () => {
    const store = new MemoryConfigStore();
    await importObject(store, FILE);
    await importObject(store, {});
    assert.ok((await reopened(store)).book.provider("openai"));
  });

  it("goes where the file is the source of truth, with everything that the API made or changed", async () => {
    const store = new MemoryConfigStore();
    const file = { ...FILE, source_of_truth: "config.json" };
    await importObject(store, file);
    const { book } = await reopened(store);
    await book.putProvider("openai", { network_config: { max_retries: 5 } });
    await book.createProvider("anthropic", { keys: ["sk-anthropic-0123456789"] });
    const { item } = await book.createVirtualKey({ name: "mine" });
    await book.putBlock("metadata", { a: 1 });
    await importObject(store, file);
    const next = await reopened(store);
    assert.equal(next.book.provider("openai")?.entity?.network.maxRetries, 1);
    assert.equal(next.book.provider("anthropic"), undefined);
    assert.equal(await next.book.virtualKey(item.id), undefined);
    assert.ok(next.book.block("metadata"));
    assert.equal((await importObject(store, file)).changed, 0);
    await importObject(store, { source_of_truth: "config.json" });
    assert.equal((await reopened(store)).book.provider("openai"), undefined);
  });
});

describe("bodies of other versions and spellings", () => {
  it("are stored with the meaning of version 2", async () => {
    const store = new MemoryConfigStore();
    const file = {
      version: 1,
      providers: [{ provider: "openai", api_keys: [{ key: "sk-key1-0123456789", models: [] }, "sk-key2-0123456789"] }],
      governance: {
        virtual_keys: [
          { name: "everything", value: "vk-everything" },
          { name: "one", value: "vk-one", provider_configs: [{ provider: "openai", allowed_models: [], key_ids: [] }] },
        ],
        budgets: [{ id: "b", max_limit: 5, reset_duration: "1mo", virtual_key_id: "one" }],
      },
    };
    await importObject(store, file);
    const loaded = loadObject(file);
    const { book } = await reopened(store);
    assert.deepEqual(book.provider("openai")?.entity?.keys, providerIn(loaded.entities, "openai").keys);
    for (const name of ["everything", "one"]) {
      const [entry] = (await store.list("virtual-key", { search: name, limit: 1, offset: 0 })).entries;
      const entity: VirtualKeyEntity = virtualKeyEntity(entry!, {});
      assert.deepEqual(entity, virtualKeyIn(loaded.entities, name));
      // what is shown can be sent back and means the same
      const { item } = await book.putVirtualKey(entry!.id, entry!.body);
      assert.deepEqual(item.entity, entity);
    }
  });

  it("take a provider of all only alone", async () => {
    const { book } = await testBook();
    const { item } = await book.createVirtualKey({ name: "all", provider_configs: [{ provider: "*" }] });
    assert.equal(item.entity.providers, null);
    const mixed = { name: "mixed", provider_configs: [{ provider: "*", allowed_models: ["gpt-4o"] }] };
    await assert.rejects(book.createVirtualKey(mixed), /stands alone/);
  });

  it("are stored without members that nobody knows", async () => {
    const store = new MemoryConfigStore();
    await importObject(store, {
      providers: { openai: { keyz: 1, keys: [{ name: "a", value: "sk-a-0123456789", wait: 1 }] } },
    });
    const { book } = await reopened(store);
    await book.putProvider("openai", {
      ...book.provider("openai")!.body,
      keys: [{ ...book.provider("openai")!.keys[0]!.body }],
    });
  });
});
