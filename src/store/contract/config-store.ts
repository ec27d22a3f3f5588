// What every store of the configuration must do: a suite that an implementation runs with its own way to open one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type ConfigStore,
  type EntryChange,
  type EntryKind,
  type EntryQuery,
  NameTakenError,
  type StoredEntry,
} from "../../core/config-store.ts";
import type { StoreHealth } from "../../core/stores.ts";
import { checkAudit } from "./config-audit.ts";

/** A fresh, empty store. */
export interface ConfigStoreUnderTest {
  readonly store: ConfigStore;
  /** The same store as another process has it. */
  another(): Promise<ConfigStore>;
  dispose(): Promise<void>;
}

export type OpenConfigStore = () => Promise<ConfigStoreUnderTest>;

/** An entry with nothing special about it. */
export function fixtureEntry(
  entry: Partial<StoredEntry> & { readonly kind: EntryKind; readonly id: string },
): StoredEntry {
  return {
    name: entry.id,
    owner: "",
    body: {},
    secrets: {},
    lookup: "",
    source: "api",
    fileHash: null,
    deleted: false,
    createdAt: 1_800_000_000_000,
    updatedAt: 1_800_000_000_000,
    ...entry,
  };
}

export function put(entry: Partial<StoredEntry> & { readonly kind: EntryKind; readonly id: string }): EntryChange {
  return { type: "put", entry: fixtureEntry(entry) };
}

export async function allOf(store: ConfigStore, kind: EntryKind): Promise<StoredEntry[]> {
  const found: StoredEntry[] = [];
  await store.each(kind, (entry) => found.push(entry));
  return found;
}

/** Within two seconds, by itself. */
export async function assertRecovers(store: { readonly health: StoreHealth }): Promise<void> {
  for (let tries = 0; tries < 200 && !store.health.ok; tries++) await sleep(10);
  assert.deepEqual(store.health, { ok: true, reason: "" });
}

async function idsOf(store: ConfigStore, query: Partial<EntryQuery>): Promise<string[]> {
  const page = await store.list("virtual-key", { limit: 100, offset: 0, ...query });
  return page.entries.map((entry) => entry.id);
}

const FULL: StoredEntry = {
  kind: "provider-key",
  id: "key-1",
  name: "Schlüssel „eins“",
  owner: "openai",
  body: { models: ["*"], weight: 0.5, nested: { list: [1, null, "ü", true] }, value: "env.KEY", __proto__x: 1 },
  secrets: { "/value": "sk-ünder-💥-secret", "/azure_key_config/client_secret": "" },
  lookup: "aGFzaA==",
  source: "file",
  fileHash: "hash",
  deleted: true,
  createdAt: 1_700_000_000_123,
  updatedAt: 1_800_000_000_456,
};

export function configStoreContract(name: string, open: OpenConfigStore): void {
  const check = (title: string, run: (given: ConfigStoreUnderTest) => Promise<void>): void => {
    test(`${name}: ${title}`, async () => {
      const given = await open();
      try {
        await run(given);
      } finally {
        await given.dispose();
      }
    });
  };
  checkEntries(check);
  checkNames(check);
  checkLists(check);
  checkNodes(check);
  checkSessions(check);
  checkAudit(check, put);
}

type Check = (title: string, run: (given: ConfigStoreUnderTest) => Promise<void>) => void;

function checkEntries(check: Check): void {
  check("what was put is read again, member by member", async ({ store, another }) => {
    await store.write([{ type: "put", entry: FULL }]);
    assert.deepEqual(await store.get("provider-key", "key-1"), FULL);
    assert.deepEqual(await (await another()).get("provider-key", "key-1"), FULL);
    assert.equal(await store.get("provider", "key-1"), null);
  });

  check(
    "entries are visited in the order of their creation, deleted ones too, each kind by itself",
    async ({ store }) => {
      await store.write([put({ kind: "provider", id: "z" }), put({ kind: "virtual-key", id: "k" })]);
      await store.write([put({ kind: "provider", id: "a" }), put({ kind: "provider", id: "m", deleted: true })]);
      await store.write([put({ kind: "provider", id: "z", body: { changed: true } })]);
      assert.deepEqual(
        (await allOf(store, "provider")).map((entry) => entry.id),
        ["z", "a", "m"],
      );
      assert.equal(await store.count("provider"), 2);
    },
  );

  check("a walk over thousands of entries visits each of them once", async ({ store }) => {
    const ids = Array.from({ length: 2500 }, (_, n) => `k${n}`);
    await store.write(ids.map((id) => put({ kind: "virtual-key", id })));
    assert.deepEqual(
      (await allOf(store, "virtual-key")).map((entry) => entry.id),
      ids,
    );
  });

  check("what throws while it is visited ends the walk with that", async ({ store }) => {
    await store.write([put({ kind: "provider", id: "a" })]);
    const stop = new Error("enough");
    await assert.rejects(
      store.each("provider", () => {
        throw stop;
      }),
      stop,
    );
    await store.write([put({ kind: "provider", id: "b" })]);
  });

  check("a removed entry is gone, and removing what is not there is nothing", async ({ store }) => {
    await store.write([put({ kind: "provider", id: "a" })]);
    const remove: EntryChange = { type: "remove", kind: "provider", id: "a" };
    await store.write([remove, { type: "remove", kind: "provider", id: "never" }]);
    assert.equal(await store.get("provider", "a"), null);
    assert.equal(await store.count("provider"), 0);
  });

  check("a virtual key is found by its lookup, unless it is deleted", async ({ store }) => {
    await store.write([
      put({ kind: "virtual-key", id: "a", lookup: "A" }),
      put({ kind: "virtual-key", id: "b", lookup: "B", deleted: true }),
      put({ kind: "virtual-key", id: "c" }),
    ]);
    assert.equal((await store.findByLookup("A"))?.id, "a");
    assert.equal(await store.findByLookup("B"), null);
    assert.equal(await store.findByLookup(""), null);
  });
}

const taken = (member: "name" | "lookup") => (error: unknown) =>
  error instanceof NameTakenError && error.member === member;

function checkNames(check: Check): void {
  check(
    "a name that another entry of its kind and owner has is refused, with everything beside it",
    async ({ store }) => {
      await store.write([put({ kind: "provider-key", id: "a", name: "main", owner: "openai" })]);
      const before = store.revision;
      const changes = [
        put({ kind: "provider", id: "fine" }),
        put({ kind: "provider-key", id: "b", name: "main", owner: "openai" }),
      ];
      await assert.rejects(store.write(changes), taken("name"));
      assert.equal(await store.get("provider", "fine"), null);
      assert.equal(store.revision, before);
      assert.deepEqual((await store.changedSince(before)).changed, []);
    },
  );

  check("the same name is free for another owner, another kind, and beside a deleted entry", async ({ store }) => {
    await store.write([
      put({ kind: "provider-key", id: "a", name: "main", owner: "openai" }),
      put({ kind: "provider-key", id: "b", name: "main", owner: "groq" }),
      put({ kind: "virtual-key", id: "c", name: "main" }),
      put({ kind: "virtual-key", id: "d", name: "main", deleted: true }),
      put({ kind: "virtual-key", id: "e", name: "main", deleted: true }),
    ]);
    assert.equal(await store.count("provider-key"), 2);
  });

  check("a secret that another entry has is refused without being told", async ({ store }) => {
    await store.write([put({ kind: "virtual-key", id: "a", name: "team", lookup: "c2VjcmV0" })]);
    await assert.rejects(store.write([put({ kind: "virtual-key", id: "b", lookup: "c2VjcmV0" })]), (error: Error) => {
      assert.ok(taken("lookup")(error));
      assert.match(error.message, /virtual key "team"/);
      assert.doesNotMatch(error.message, /c2VjcmV0/);
      return true;
    });
  });

  check("names can be swapped and handed on within one write", async ({ store }) => {
    const [a, b] = [put({ kind: "provider", id: "a", name: "one" }), put({ kind: "provider", id: "b", name: "two" })];
    await store.write([a, b]);
    await store.write([
      put({ kind: "provider", id: "a", name: "two" }),
      put({ kind: "provider", id: "b", name: "one" }),
    ]);
    await store.write([put({ kind: "provider", id: "c", name: "one" }), { type: "remove", kind: "provider", id: "b" }]);
    assert.deepEqual(
      (await allOf(store, "provider")).map((entry) => [entry.id, entry.name]),
      [
        ["a", "two"],
        ["c", "one"],
      ],
    );
  });
}

function checkLists(check: Check): void {
  const keys = [
    put({ kind: "virtual-key", id: "1", name: "beta", createdAt: 30, updatedAt: 1, body: { description: "for Öl" } }),
    put({ kind: "virtual-key", id: "2", name: "Alpha", createdAt: 10, updatedAt: 3 }),
    put({ kind: "virtual-key", id: "3", name: "gamma_100%", createdAt: 20, updatedAt: 2, owner: "team" }),
    put({ kind: "virtual-key", id: "4", name: "deleted", deleted: true }),
  ];

  check("a list is sorted as asked, by default in the order of creation", async ({ store }) => {
    await store.write(keys);
    assert.deepEqual(await idsOf(store, {}), ["1", "2", "3"]);
    assert.deepEqual(await idsOf(store, { descending: true }), ["3", "2", "1"]);
    assert.deepEqual(await idsOf(store, { sort: "name" }), ["2", "1", "3"]);
    assert.deepEqual(await idsOf(store, { sort: "created_at" }), ["2", "3", "1"]);
    assert.deepEqual(await idsOf(store, { sort: "updated_at", descending: true }), ["2", "3", "1"]);
  });

  check("a search is literal text in name or description, in any case", async ({ store }) => {
    await store.write(keys);
    assert.deepEqual(await idsOf(store, { search: "ALPHA" }), ["2"]);
    assert.deepEqual(await idsOf(store, { search: "öL" }), ["1"]);
    assert.deepEqual(await idsOf(store, { search: "a_1" }), ["3"]);
    assert.deepEqual(await idsOf(store, { search: "0%" }), ["3"]);
    assert.deepEqual(await idsOf(store, { search: "%" }), ["3"]);
    assert.deepEqual(await idsOf(store, { search: "'; DROP TABLE entries; --" }), []);
    assert.deepEqual(await idsOf(store, { search: "" }), ["1", "2", "3"]);
  });

  check("a list is narrowed by ids and owner; no ids match nothing", async ({ store }) => {
    await store.write(keys);
    assert.deepEqual(await idsOf(store, { ids: ["3", "1", "4", "none"] }), ["1", "3"]);
    assert.deepEqual(await idsOf(store, { ids: [] }), []);
    assert.deepEqual(await idsOf(store, { owner: "team" }), ["3"]);
    assert.deepEqual(await idsOf(store, { owner: "" }), ["1", "2"]);
  });

  check("pages follow one another, and the total is that of all", async ({ store }) => {
    await store.write(keys);
    const page = await store.list("virtual-key", { limit: 2, offset: 1 });
    assert.deepEqual([page.entries.map((entry) => entry.id), page.total], [["2", "3"], 3]);
    const behind = await store.list("virtual-key", { limit: 2, offset: 9 });
    assert.deepEqual([behind.entries, behind.total], [[], 3]);
    assert.equal((await store.list("virtual-key", { limit: 0, offset: 0 })).total, 3);
  });
}

function checkNodes(check: Check): void {
  check(
    "each write has a revision, and what changed after one is told once with its last change",
    async ({ store }) => {
      const start = store.revision;
      const first = await store.write([put({ kind: "provider", id: "a" }), put({ kind: "provider", id: "b" })]);
      assert.ok(first > start);
      const second = await store.write([
        put({ kind: "provider", id: "a" }),
        { type: "remove", kind: "provider", id: "b" },
      ]);
      assert.equal(store.revision, second);
      const both = [
        { kind: "provider", id: "a" },
        { kind: "provider", id: "b" },
      ];
      assert.deepEqual(await store.changedSince(start), { revision: second, changed: both });
      assert.deepEqual((await store.changedSince(first)).changed, both);
      assert.deepEqual((await store.changedSince(second)).changed, []);
      assert.equal(await store.write([]), second);
    },
  );

  check("another process learns within 500 ms of a change, and of which", async ({ store, another }) => {
    const other = await another();
    const { promise, resolve } = Promise.withResolvers<number>();
    other.onForeignChange(() => resolve(performance.now()));
    const known = other.revision;
    const revision = await store.write([put({ kind: "virtual-key", id: "new" })]);
    const written = performance.now();
    assert.ok((await promise) - written < 500);
    const { changed } = await other.changedSince(known);
    assert.deepEqual([changed, other.revision], [[{ kind: "virtual-key", id: "new" }], revision]);
  });

  check(
    "own writes and sessions are no foreign changes, and an ended listener hears nothing",
    async ({ store, another }) => {
      const other = await another();
      let told = 0;
      store.onForeignChange(() => told++);
      const end = other.onForeignChange(() => told++);
      end();
      await store.write([put({ kind: "provider", id: "a" })]);
      await other.saveSession({ tokenHash: "t", user: "u", createdAt: 1, expiresAt: 2 });
      await sleep(400);
      assert.equal(told, 0);
    },
  );

  check("an own write does not hide a foreign one that came before it", async ({ store, another }) => {
    const other = await another();
    const known = other.revision;
    await store.write([put({ kind: "provider", id: "foreign" })]);
    await other.write([put({ kind: "provider", id: "own" })]);
    assert.equal(other.revision, known);
    const { changed } = await other.changedSince(other.revision);
    assert.ok(changed.some(({ id }) => id === "foreign"));
  });

  check("writes of several processes at once all come through", async ({ store, another }) => {
    const other = await another();
    const revisions = await Promise.all([...writeMany(store, "a"), ...writeMany(other, "b")]);
    assert.equal(new Set(revisions).size, 80);
    assert.equal(await store.count("provider"), 80);
    assert.deepEqual(store.health, { ok: true, reason: "" });
  });
}

function writeMany(store: ConfigStore, who: string): Promise<number>[] {
  return Array.from({ length: 40 }, (_, n) => store.write([put({ kind: "provider", id: `${who}${n}` })]));
}

function checkSessions(check: Check): void {
  const session = { tokenHash: "hash", user: "admin", createdAt: 1000, expiresAt: 2000 };

  check("a session is found until it is removed, by any process", async ({ store, another }) => {
    await store.saveSession(session);
    assert.deepEqual(await (await another()).findSession("hash"), session);
    await store.saveSession({ ...session, expiresAt: 3000 });
    assert.equal((await store.findSession("hash"))?.expiresAt, 3000);
    await store.extendSession("hash", 3500);
    assert.equal((await (await another()).findSession("hash"))?.expiresAt, 3500);
    await store.removeSession("hash");
    await store.removeSession("never");
    await store.extendSession("hash", 4000);
    assert.equal(await store.findSession("hash"), null);
  });

  check("all sessions end at once, and expired ones are dropped when the next begins", async ({ store }) => {
    await store.saveSession(session);
    await store.saveSession({ ...session, tokenHash: "later", createdAt: 2500, expiresAt: 4000 });
    assert.equal(await store.findSession("hash"), null);
    assert.equal((await store.findSession("later"))?.user, "admin");
    await store.removeSessions();
    assert.equal(await store.findSession("later"), null);
  });
}
