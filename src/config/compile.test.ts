// Tests of snapshots: any history gives what a fresh build gives, old versions stay as they were, a change costs what it changes.
import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  type CatalogueEntity,
  type Entity,
  entityId,
  type ProviderEntity,
  type VirtualKeyEntity,
} from "../core/entities.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { compileSnapshot, differences, SnapshotBuilder } from "./compile.ts";
import { STANDARD_SETTINGS } from "./settings.ts";
import { loadObject, testAdapter, testRegistry } from "./testing.ts";

function providerOf(name: string, members: Record<string, unknown> = {}): ProviderEntity {
  const { entities } = loadObject({ providers: { [name]: { keys: [{ name: "k", value: "secret-1" }], ...members } } });
  const found = entities.find((entity) => entity.kind === "provider" && entity.name === name);
  assert.ok(found?.kind === "provider");
  return found;
}

/** The hash of a short word; the empty one stands for a key without a secret. */
function hashOf(word: string): string {
  return word === "" ? "" : hash("sha256", word, "base64");
}

function keyOf(id: string, word: string, members: Partial<VirtualKeyEntity> = {}): VirtualKeyEntity {
  return {
    kind: "virtual-key",
    id,
    name: id,
    valueHash: hashOf(word),
    active: true,
    expiresAt: null,
    providers: null,
    budgets: [],
    rateLimit: null,
    ...members,
  };
}

const catalogue: CatalogueEntity = {
  kind: "catalogue",
  provider: "openai",
  models: ["gpt-4o", "gpt-4o-mini", "o9"].map((id) => ({ id, contextWindow: null, maxOutputTokens: null })),
};

test("a key is ready for use: origin, path, headers with the credential and the operator's own", () => {
  const entity = providerOf("anthropic", {
    network_config: {
      base_url: "https://proxy.example:8443/a/b",
      extra_headers: { "X-Team": "blue", "anthropic-version": "2024-01-01" },
    },
  });
  const snapshot = compileSnapshot([entity], testRegistry);
  const key = snapshot.providers.get("anthropic")?.keys[0];
  assert.ok(key !== undefined);
  assert.equal(key.origin.url, "https://proxy.example:8443");
  assert.equal(key.basePath, "/a/b");
  assert.equal(key.headers, "x-api-key: secret-1\r\nx-team: blue\r\nanthropic-version: 2024-01-01\r\n");
  for (const name of ["x-api-key", "authorization", "x-team"]) assert.ok(key.ownHeaders.has(name), name);
  assert.ok(Object.isFrozen(snapshot) && Object.isFrozen(key) && Object.isFrozen(key.origin));
});

test("keys of equal settings share one origin, over versions too", () => {
  const builder = new SnapshotBuilder(testRegistry);
  const two = loadObject({ providers: { openai: { keys: ["a", "b"].map((value) => ({ value })) } } }).entities;
  builder.apply(two, [], 1);
  const [first, second] = builder.seal().providers.get("openai")?.keys ?? [];
  assert.equal(first?.origin, second?.origin);
  builder.apply([providerOf("openai")], [], 2);
  assert.equal(builder.seal().providers.get("openai")?.keys[0]?.origin, first?.origin);
});

test("offers: lists of keys, the catalogue under them, aliases; not what is blocked or switched off", () => {
  const { entities } = loadObject({
    providers: {
      openai: {
        keys: [
          { name: "a", value: "1", blacklisted_models: ["o9"], aliases: { fast: "gpt-4o-mini" } },
          { name: "b", value: "2", models: ["ft:mine"] },
          { name: "c", value: "3", models: ["hidden"], enabled: false },
          { name: "d", value: "4", models: [], aliases: { nothing: "x" } },
        ],
      },
      "openai-2": {
        custom_provider_config: { base_provider_type: "openai" },
        keys: [{ value: "5", models: ["gpt-4o"] }],
      },
    },
    governance: {
      virtual_keys: [
        { name: "v", value: "vk", provider_configs: [{ provider: "openai", allowed_models: ["only-here"] }] },
      ],
    },
  });
  const { offers } = compileSnapshot([catalogue, ...entities], testRegistry);
  assert.deepEqual(Object.fromEntries(offers), {
    "gpt-4o": ["openai", "openai-2"],
    "gpt-4o-mini": ["openai"],
    fast: ["openai"],
    "ft:mine": ["openai"],
  });
});

test("a live list of a provider's own stands over its type's catalogue", () => {
  const live: CatalogueEntity = {
    kind: "catalogue",
    provider: "mine",
    models: [{ id: "gpt-4o", contextWindow: 5, maxOutputTokens: null }],
  };
  const { entities } = loadObject({
    providers: { mine: { custom_provider_config: { base_provider_type: "openai" }, keys: [{ value: "1" }] } },
  });
  const builder = new SnapshotBuilder(testRegistry);
  builder.apply([...entities, catalogue], [], 1);
  assert.equal(builder.seal().providers.get("mine")?.models.get("gpt-4o")?.contextWindow, null);
  builder.apply([live], [], 2);
  const snapshot = builder.seal();
  assert.equal(snapshot.providers.get("mine")?.models.get("gpt-4o")?.contextWindow, 5);
  assert.equal(snapshot.providers.get("mine")?.models.size, 3);
});

test("known providers are the configured ones and those of the registry", () => {
  const { entities } = loadObject({
    providers: { mine: { custom_provider_config: { base_provider_type: "openai", is_key_less: true } } },
  });
  const { knownProviders } = compileSnapshot(entities, testRegistry);
  assert.deepEqual([...knownProviders].sort(), ["anthropic", "azure", "demo", "mine", "ollama", "openai"]);
});

test("a key that cannot be connected is told and left out; the others serve", () => {
  const broken = testAdapter({
    name: "openai",
    connect: (_provider, key) => {
      if (key.name === "bad") throw new Error("no address");
      return { baseUrl: "https://h", headers: [["authorization", key.value]] };
    },
  });
  const registry = { get: (name: string) => (name === "openai" ? broken : undefined), all: () => [broken] };
  const entity = { ...providerOf("openai") };
  const [key] = entity.keys;
  assert.ok(key !== undefined);
  const keys = [
    { ...key, id: "1", name: "bad" },
    { ...key, id: "2" },
    { ...key, id: "3", name: "line", value: "secret\nx: y" },
  ];
  const told: string[] = [];
  const snapshot = compileSnapshot(
    [
      { ...entity, keys },
      { ...entity, name: "x", base: "gone" },
    ],
    registry,
    (text) => told.push(text),
  );
  assert.deepEqual(
    snapshot.providers.get("openai")?.keys.map((one) => one.id),
    ["2"],
  );
  assert.equal(snapshot.providers.has("x"), false);
  assert.deepEqual(told, [
    'key "bad" of provider "openai" is not used: no address',
    'key "line" of provider "openai" is not used: not a header: authorization',
    'provider "x" is left out: there is no provider type "gone"',
  ]);
});

test("aliases that crossed a thread know no inherited names", () => {
  const entity = structuredClone(providerOf("openai"));
  const aliases = compileSnapshot([entity], testRegistry).providers.get("openai")?.keys[0]?.entity.aliases;
  assert.equal(aliases?.constructor, undefined);
});

const see = (snapshot: Snapshot) =>
  ["ha", "ha2", "hb", "hc"].map((word) => snapshot.findVirtualKey(hashOf(word))?.name);

test("a version keeps seeing its own virtual keys while later ones change them", () => {
  const builder = new SnapshotBuilder(testRegistry);
  builder.apply([keyOf("a", "ha"), keyOf("b", "hb")], [], 1);
  const first = builder.seal();
  builder.apply([keyOf("a", "ha2")], [], 2);
  assert.equal(first.findVirtualKey(hashOf("ha"))?.id, "a", "a slice that is not sealed is not seen");
  assert.equal(first.findVirtualKey(hashOf("ha2")), undefined);
  builder.apply([keyOf("c", "hc")], ["virtual-key:b"], 2);
  const second = builder.seal();
  builder.apply([keyOf("b", "hb", { name: "again" })], ["virtual-key:a"], 3);
  const third = builder.seal();
  assert.deepEqual(see(first), ["a", undefined, "b", undefined]);
  assert.deepEqual(see(second), [undefined, "a", undefined, "c"]);
  assert.deepEqual(see(third), [undefined, undefined, "again", "c"]);
  assert.deepEqual(
    [first, second, third].map((snapshot) => snapshot.virtualKeyCount),
    [2, 2, 2],
  );
});

test("two keys may swap their secrets in one change", () => {
  const builder = new SnapshotBuilder(testRegistry);
  builder.apply([keyOf("a", "h1"), keyOf("b", "h2")], [], 1);
  const before = builder.seal();
  builder.apply([keyOf("a", "h2"), keyOf("b", "h1")], [], 2);
  const after = builder.seal();
  assert.deepEqual([before.findVirtualKey(hashOf("h1"))?.id, before.findVirtualKey(hashOf("h2"))?.id], ["a", "b"]);
  assert.deepEqual([after.findVirtualKey(hashOf("h1"))?.id, after.findVirtualKey(hashOf("h2"))?.id], ["b", "a"]);
});

test("a key without a secret is found by its id only", () => {
  const snapshot = compileSnapshot([keyOf("a", "")], testRegistry);
  assert.equal(snapshot.findVirtualKey(hashOf("")), undefined);
  assert.equal(snapshot.findVirtualKeyById("a")?.name, "a");
});

/** Everything that a request could see, as plain data. */
function visible(snapshot: Snapshot, ids: readonly string[], hashes: readonly string[]): unknown {
  const providers = [...snapshot.providers.values()].map((provider) => ({
    entity: provider.entity,
    models: [...provider.models.keys()].sort(),
    keys: provider.keys.map((key) => [
      key.id,
      key.headers,
      key.origin,
      key.basePath,
      key.models === null ? null : [...key.models],
    ]),
  }));
  return {
    settings: snapshot.settings,
    providers: providers.sort((a, b) => a.entity.name.localeCompare(b.entity.name)),
    offers: Object.fromEntries([...snapshot.offers].map(([model, names]) => [model, [...names].sort()]).sort()),
    known: [...snapshot.knownProviders].sort(),
    count: snapshot.virtualKeyCount,
    byId: ids.map((id) => snapshot.findVirtualKeyById(id)?.entity),
    byHash: hashes.map((word) => snapshot.findVirtualKey(hashOf(word))?.entity),
  };
}

test("any sequence of changes gives what building from scratch gives, in every version that is still held", () => {
  const ids = ["a", "b", "c", "d"];
  const versions = [0, 1, 2];
  const hashes = ids.flatMap((id) => versions.map((version) => `${id}${version}`));
  const upsert: fc.Arbitrary<Entity> = fc.oneof(
    fc
      .tuple(fc.constantFrom(...ids), fc.constantFrom(...versions))
      .map(([id, version]) => keyOf(id, `${id}${version}`, { active: version !== 1 })),
    fc
      .tuple(fc.constantFrom("openai", "anthropic"), fc.constantFrom([], ["gpt-4o"], null))
      .map(([name, models]): Entity => {
        const entity = providerOf(name);
        return { ...entity, keys: entity.keys.map((key) => ({ ...key, models })) };
      }),
    fc.constantFrom([], catalogue.models).map((models): Entity => ({ ...catalogue, models })),
    fc.boolean().map((enforceVirtualKeys): Entity => ({ ...STANDARD_SETTINGS, enforceVirtualKeys })),
  );
  const remove = fc.constantFrom(
    ...ids.map((id) => `virtual-key:${id}`),
    "provider:openai",
    "catalogue:openai",
    "settings:",
    "provider:unknown",
  );
  const change = fc.record({
    upserts: fc.array(upsert, { maxLength: 4 }),
    removes: fc.array(remove, { maxLength: 2 }),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
      const builder = new SnapshotBuilder(testRegistry);
      const state = new Map<string, Entity>();
      const held: { snapshot: Snapshot; expected: unknown }[] = [];
      for (const [index, { upserts, removes }] of changes.entries()) {
        for (const id of removes) state.delete(id);
        for (const entity of upserts) state.set(entityId(entity), entity);
        // in slices of one, as they come over the channel
        builder.apply([], removes, index + 1);
        for (const entity of upserts) builder.apply([entity], [], index + 1);
        const snapshot = builder.seal();
        const scratch = compileSnapshot([...state.values()], testRegistry);
        held.push({ snapshot, expected: visible(scratch, ids, hashes) });
        assert.equal(snapshot.version, index + 1);
      }
      for (const { snapshot, expected } of held) assert.deepEqual(visible(snapshot, ids, hashes), expected);
    }),
    { seed: 4, numRuns: 150 },
  );
});

test("with 100,000 virtual keys one change compiles one key and nothing else", () => {
  const builder = new SnapshotBuilder(testRegistry);
  const COUNT = 100_000;
  builder.apply([STANDARD_SETTINGS, catalogue, providerOf("openai")], [], 1);
  const scope = providerOf("openai").name;
  for (let start = 0; start < COUNT; start += 500) {
    const slice = Array.from({ length: 500 }, (_, index) =>
      keyOf(`k${start + index}`, `h${start + index}`, {
        providers: [
          {
            provider: scope,
            weight: 1,
            allowedModels: ["gpt-4o"],
            blacklistedModels: [],
            keyIds: null,
            budgets: [],
            rateLimit: null,
          },
        ],
      }),
    );
    builder.apply(slice, [], 1);
  }
  const before = builder.seal();
  assert.deepEqual(builder.work, { virtualKeys: COUNT, providers: 1, offers: 1 });
  assert.equal(before.virtualKeyCount, COUNT);
  builder.apply([keyOf("k7", "new")], [], 2);
  const after = builder.seal();
  assert.deepEqual(builder.work, { virtualKeys: COUNT + 1, providers: 1, offers: 1 });
  assert.equal(after.providers, before.providers, "what did not change is shared");
  assert.equal(after.offers, before.offers);
  const untouched = hashOf("h99999");
  assert.equal(after.findVirtualKey(untouched), before.findVirtualKey(untouched), "asked for again, it is the same");
  assert.equal(before.findVirtualKey(hashOf("h7"))?.id, "k7");
  assert.equal(after.findVirtualKey(hashOf("h7")), undefined);
  const [first, last] = ["k1", "k99999"].map((id) => after.findVirtualKeyById(id)?.providers?.[0]?.allowed);
  assert.equal(first, last, "equal lists are one set");
});

test("differences name what is new, changed and gone", () => {
  const before = [keyOf("a", "1"), keyOf("b", "2"), catalogue];
  const after = [keyOf("a", "1"), keyOf("b", "3"), keyOf("c", "4")];
  assert.deepEqual(differences(before, after), {
    upserts: [keyOf("b", "3"), keyOf("c", "4")],
    removes: ["catalogue:openai"],
  });
});

test("deployments are served and renamed like aliases, also by a key with a list of models", () => {
  const keys = [
    {
      value: "a",
      models: ["o9"],
      aliases: { fast: "small" },
      azure_key_config: {
        endpoint: "https://x.openai.azure.com",
        deployments: { "gpt-4o": "big one", constructor: "built" },
      },
    },
  ];
  const { entities } = loadObject({ providers: { azure: { keys } } });
  const snapshot = compileSnapshot(entities, testRegistry);
  const key = snapshot.providers.get("azure")?.keys[0];
  assert.deepEqual(Object.entries(key?.entity.aliases ?? {}), [
    ["fast", "small"],
    ["gpt-4o", "big one"],
    ["constructor", "built"],
  ]);
  assert.deepEqual(snapshot.offers.get("gpt-4o"), ["azure"]);
  assert.equal(snapshot.offers.has("toString"), false);
});
