// The start of the book: file, environment and store together, stores that cannot be had, and large files known again.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { type ConfigStore, StoreUnavailableError } from "../../core/config-store.ts";
import type { GatewayError } from "../../core/errors.ts";
import { StoreRefusedError } from "../../core/stores.ts";
import { testRegistry } from "../testing.ts";
import { MemoryConfigStore, sharedMemory } from "./memory-store.ts";
import { type StartedBook, type StartOptions, type StartResult, startBook } from "./start.ts";

const appDir = mkdtempSync(join(tmpdir(), "book-start-"));
after(() => rmSync(appDir, { recursive: true }));

interface Wanted {
  readonly config?: object;
  readonly environment?: Record<string, string>;
  readonly openStore?: StartOptions["openStore"];
}

function fingerprint(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

function opens(store: ConfigStore): StartOptions["openStore"] {
  return async () => ({ store, fingerprint });
}

function refusing(reason: string): StartOptions["openStore"] {
  return async (path) => Promise.reject(new StoreRefusedError(path, reason));
}

async function start({
  config,
  environment = {},
  openStore = opens(new MemoryConfigStore()),
}: Wanted): Promise<StartResult> {
  const folder = mkdtempSync(join(appDir, "one-"));
  if (config !== undefined) writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  return startBook({
    load: { appDir: folder, configPath: null, environment, registry: testRegistry, catalogue: [] },
    openStore,
    addresses: { isLocalListener: true, classify: () => "public", resolve: async () => [] },
    publish: async () => {},
    conceal() {},
    now: () => 1,
  });
}

async function started(wanted: Wanted): Promise<StartedBook> {
  const result = await start(wanted);
  assert.ok(result.ok, result.ok ? "" : result.text);
  await result.ledger.load(() => {});
  return result;
}

const FILE = { providers: { openai: { keys: [{ name: "k", value: "sk-k-0123456789" }] } } };

describe("a start", () => {
  it("without a file takes providers from the environment, with one from the file alone", async () => {
    const environment = { OPENAI_API_KEY: "sk-env-0123456789" };
    assert.deepEqual((await started({ environment })).ledger.providers.names(), ["openai", "demo"]);
    const config = { providers: { anthropic: { keys: [{ value: "sk-a-0123456789" }] } } };
    assert.deepEqual((await started({ environment, config })).ledger.providers.names(), ["anthropic", "demo"]);
  });

  it("is refused with the words of a store that is not ours to use, and with every finding of a broken file", async () => {
    writeFileSync(join(appDir, "config.db"), "something else");
    const config = { config_store: { config: { path: join(appDir, "config.db") } } };
    const openStore = refusing("is corrupted; restore it");
    const refused = await start({ config, openStore });
    assert.ok(!refused.ok && /config\.db: is corrupted; restore it/.test(refused.text));
    const broken = await start({ config: { providers: 7, client: 8 } });
    assert.ok(!broken.ok && /providers/.test(broken.text) && /client/.test(broken.text));
  });

  it("goes on without a store that cannot be made, and refuses changes with 503", async () => {
    const openStore = refusing("the disk is read-only");
    const { book, store, frozen } = await started({ config: FILE, openStore });
    assert.match(frozen ?? "", /read-only/);
    assert.equal(store?.health.ok, false);
    assert.ok(book.provider("openai")?.entity);
    await assert.rejects(book.createVirtualKey({ name: "a" }), (error: GatewayError) => error.status === 503);
  });

  it("serves a changed file beside a store that cannot be written, and leaves the store as it is", async () => {
    const memory = sharedMemory();
    await started({ config: FILE, openStore: opens(new MemoryConfigStore(memory)) });
    const unwritable = new MemoryConfigStore(memory);
    unwritable.write = async () => Promise.reject(new StoreUnavailableError("the disk is full"));
    const { revision } = memory;
    const config = { providers: { openai: { ...FILE.providers.openai, network_config: { max_retries: 3 } } } };
    const { book, frozen } = await started({ config, openStore: opens(unwritable) });
    assert.equal(frozen, "the disk is full");
    assert.equal(book.provider("openai")?.entity?.network.maxRetries, 3);
    assert.equal(memory.revision, revision);
  });
});

describe("a large file", () => {
  const virtual_keys = Array.from({ length: 4000 }, (_, n) => ({
    name: `key-${n}`,
    description: "x".repeat(250),
    value: `vk-of-a-large-file-${n}`,
    provider_configs: [{ provider: n === 7 ? "opnai" : "openai" }],
  }));
  const config = { ...FILE, governance: { virtual_keys } };

  it("is known again: its keys are not read, its findings are told, and what the API changed stays", async () => {
    const memory = sharedMemory();
    const first = await started({ config, openStore: opens(new MemoryConfigStore(memory)) });
    const finding = first.warnings.find((line) => line.includes("opnai"));
    assert.ok(finding !== undefined);
    const [item] = (await first.book.virtualKeys({ search: "key-77", limit: 1, offset: 0 })).items;
    await first.book.putVirtualKey(item!.id, { ...item!.body, is_active: false });
    const { revision } = memory;
    const visited: string[] = [];
    const store = new MemoryConfigStore(memory);
    const each = store.each.bind(store);
    store.each = async (kind, visit) => {
      visited.push(kind);
      return each(kind, visit);
    };
    const second = await start({ config, openStore: opens(store) });
    assert.ok(second.ok);
    assert.ok(second.warnings.includes(finding));
    assert.equal(memory.revision, revision);
    assert.ok(!visited.includes("virtual-key"), "the keys of the store were compared");
    await second.ledger.load(() => {});
    assert.equal((await second.book.virtualKey(item!.id))?.entity.active, false);
  });

  it("is read again when a byte of it changed", async () => {
    const memory = sharedMemory();
    await started({ config, openStore: opens(new MemoryConfigStore(memory)) });
    const changed = structuredClone(config);
    changed.governance.virtual_keys[5]!.description = "another";
    await started({ config: changed, openStore: opens(new MemoryConfigStore(memory)) });
    const [item] = (await new MemoryConfigStore(memory).list("virtual-key", { search: "another", limit: 2, offset: 0 }))
      .entries;
    assert.equal(item?.name, "key-5");
  });
});
