// Many new virtual keys of a file: given to the loop before they are stored, stored afterwards, and never half of one thing and half of another.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { StoreUnavailableError } from "../../core/config-store.ts";
import type { VirtualKeyEntity } from "../../core/entities.ts";
import { testRegistry } from "../testing.ts";
import { hashSecret } from "../virtual-keys.ts";
import { MemoryConfigStore, sharedMemory } from "./memory-store.ts";
import { type StartedBook, type StartRest, startBook } from "./start.ts";
import { virtualKeyEntity } from "./virtual-key-entry.ts";

const environment = { KEY_VALUE: "vk-of-the-environment" };
const appDir = mkdtempSync(join(tmpdir(), "later-keys-"));
after(() => rmSync(appDir, { recursive: true }));

/** Keys of every shape that a file may give them. */
function keyOf(n: number): object {
  const shapes = [
    { provider_configs: [{ provider: "openai", weight: null, allowed_models: ["openai/gpt-4o"], key_ids: ["k"] }] },
    { provider_configs: [{ provider: "openai", allow_all_keys: true, budget: { max_limit: 1.5 } }], is_active: false },
    { provider_configs: [], budgets: [{ max_limit: 10, reset_duration: "24h" }], expires_at: "2030-01-01T00:00:00Z" },
    {
      id: `own-${n}`,
      provider_configs: [{ provider: "*" }],
      rate_limit: { token_max_limit: 5, token_reset_duration: "1m" },
    },
    { provider_configs: [{ provider: "openai", blacklisted_models: ["*"] }], description: null, unknown_member: 1 },
    { provider_configs: [{ provider: "openai", budget: null }], budget_id: "shared", team_id: null },
  ];
  const value = n === 9 ? "env.KEY_VALUE" : n === 10 ? "env.NOT_SET" : `vk-of-a-large-file-${n}`;
  const name = n % 11 === 0 ? {} : { name: `key-${n}` };
  return { ...name, value, note: "x".repeat(400), ...shapes[n % shapes.length] };
}

const COUNT = 2500;
const FILE = {
  providers: { openai: { keys: [{ name: "k", value: "sk-k-0123456789" }] } },
  governance: {
    budgets: [{ id: "shared", max_limit: 7, reset_duration: "1d" }],
    virtual_keys: Array.from({ length: COUNT }, (_, n) => keyOf(n)),
  },
};

interface Given {
  readonly started: StartedBook & StartRest;
  readonly given: readonly VirtualKeyEntity[];
}

async function start(store: MemoryConfigStore, config: object = FILE): Promise<Given> {
  const folder = mkdtempSync(join(appDir, "one-"));
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  const given: VirtualKeyEntity[] = [];
  const started = await startBook({
    load: { appDir: folder, configPath: null, environment, registry: testRegistry, catalogue: [] },
    openStore: async () => ({ store, fingerprint: (text) => createHash("sha256").update(text).digest("base64") }),
    addresses: { isLocalListener: true, classify: () => "public", resolve: async () => [] },
    publish: async () => {},
    conceal() {},
    newKeys: {
      restart: () => void given.splice(0),
      add: (entry) => void given.push(virtualKeyEntity(entry, environment)),
    },
    now: () => 1,
  });
  assert.ok(started.ok, started.ok ? "" : started.text);
  const visit = (entry: Parameters<typeof virtualKeyEntity>[0]): void =>
    void given.push(virtualKeyEntity(entry, environment));
  await started.ledger.load(started.later === null ? visit : null);
  return { started, given };
}

const never = (): boolean => false;

describe("many new virtual keys", () => {
  it("are given as the store gives them later, for every shape of a key", async () => {
    const memory = sharedMemory();
    const first = await start(new MemoryConfigStore(memory));
    assert.equal(await new MemoryConfigStore(memory).count("virtual-key"), 0);
    assert.equal(await first.started.later?.(never), "stored");
    const second = await start(new MemoryConfigStore(memory));
    assert.equal(second.started.later, null);
    assert.equal(first.given.length, COUNT);
    assert.deepEqual(first.given, second.given);
  });

  it("let those wait who ask for one or change one, until all are stored", async () => {
    const store = new MemoryConfigStore();
    const { started } = await start(store);
    const order: string[] = [];
    const found = started.ledger.findByLookup(hashSecret(environment.KEY_VALUE));
    const asked = [
      found.then((entry) => order.push(`found ${entry?.name}`)),
      started.book.createVirtualKey({ name: "new" }).then(() => order.push("created")),
      started.book.virtualKeys({ limit: 1, offset: 0 }).then(({ total }) => order.push(`listed ${total}`)),
    ];
    await started.later?.(() => {
      order.push("storing");
      return false;
    });
    await Promise.all(asked);
    const firstAnswer = order.findIndex((step) => step !== "storing");
    assert.ok(firstAnswer >= 3 && !order.slice(firstAnswer).includes("storing"), order.join(", "));
    assert.ok(order.includes("found key-9") && order.includes("created"));
    assert.equal(started.ledger.revision, store.revision);
  });

  it("that were stored in part are completed by the next start", async () => {
    const memory = sharedMemory();
    const { started } = await start(new MemoryConfigStore(memory));
    let asked = 0;
    assert.equal(await started.later?.(() => ++asked > 1), "ended");
    const stored = await new MemoryConfigStore(memory).count("virtual-key");
    assert.ok(stored > 0 && stored < COUNT, `${stored} were stored`);
    const second = await start(new MemoryConfigStore(memory));
    assert.equal(second.started.later, null);
    assert.equal(second.given.length, COUNT);
    assert.equal(await new MemoryConfigStore(memory).count("virtual-key"), COUNT);
  });

  it("and what another process writes meanwhile make a new start necessary", async () => {
    const memory = sharedMemory();
    const { started } = await start(new MemoryConfigStore(memory));
    const other = await start(new MemoryConfigStore(memory), { providers: FILE.providers });
    let isWritten: Promise<unknown> | null = null;
    const outcome = await started.later?.(() => {
      isWritten ??= other.started.book.createVirtualKey({ name: "of another process" });
      return false;
    });
    await isWritten;
    assert.equal(outcome, "foreign");
  });

  it("are stored before they are served where the store cannot be written, or has some", async () => {
    const unwritable = new MemoryConfigStore();
    unwritable.write = async () => Promise.reject(new StoreUnavailableError("the disk is full"));
    const frozen = await start(unwritable);
    assert.equal(frozen.started.frozen, "the disk is full");
    assert.equal(frozen.started.later, null);
    assert.equal(frozen.given.length, COUNT);
    const store = new MemoryConfigStore();
    const small = { ...FILE, governance: { ...FILE.governance, virtual_keys: [keyOf(3)] } };
    assert.equal((await start(store, small)).started.later, null);
    assert.equal((await start(store)).given.length, COUNT);
  });

  it("fail with the store that fails while they are written", async () => {
    const store = new MemoryConfigStore();
    const { started } = await start(store);
    store.write = async () => Promise.reject(new StoreUnavailableError("the disk is full"));
    await assert.rejects(started.later!(never), StoreUnavailableError);
  });
});
