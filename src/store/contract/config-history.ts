// A random history of writes against a simple model of the configuration store, with restarts in between.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  type ConfigStore,
  type EntryChange,
  type EntryKind,
  NameTakenError,
  type StoredEntry,
} from "../../core/config-store.ts";
import { allOf, fixtureEntry } from "./config-store.ts";

/** A store that can be closed and opened again. */
export interface RestartableStore {
  open(): Promise<ConfigStore>;
  dispose(): void;
}

type Step = { readonly type: "write"; readonly changes: readonly EntryChange[] } | { readonly type: "restart" };

const KINDS: readonly EntryKind[] = ["provider", "provider-key", "virtual-key"];

/** Entries in the order of their creation, and the revision at which each one was touched last. */
class Model {
  entries: StoredEntry[] = [];
  revision = 0;
  readonly touched = new Map<string, number>();

  /** False when a name or secret would be there twice; then nothing changes. */
  write(changes: readonly EntryChange[], revision: number | null): boolean {
    const next = [...this.entries];
    const touched: string[] = [];
    const last = new Map(changes.map((change) => [keyOf(change), change]));
    for (const [key, change] of last) {
      const at = next.findIndex((entry) => keyOf({ type: "put", entry }) === key);
      if (at >= 0 || change.type === "put") touched.push(key);
      if (change.type === "remove" && at >= 0) next.splice(at, 1);
      if (change.type === "put") next.splice(at < 0 ? next.length : at, at < 0 ? 0 : 1, change.entry);
    }
    if (hasTwice(next)) return false;
    if (revision === null) return true;
    this.entries = next;
    for (const key of touched) this.touched.set(key, revision);
    this.revision = revision;
    return true;
  }
}

function keyOf(change: EntryChange): string {
  const { kind, id } = change.type === "put" ? change.entry : change;
  return `${kind}:${id}`;
}

function hasTwice(entries: readonly StoredEntry[]): boolean {
  const names = entries.filter((entry) => !entry.deleted).map((e) => JSON.stringify([e.kind, e.owner, e.name]));
  const lookups = entries.map((entry) => entry.lookup).filter((lookup) => lookup !== "");
  return new Set(names).size < names.length || new Set(lookups).size < lookups.length;
}

const few = (...values: string[]) => fc.constantFrom(...values);
const entries: fc.Arbitrary<StoredEntry> = fc
  .record({
    kind: fc.constantFrom(...KINDS),
    id: few("1", "2", "3", "4"),
    name: few("a", "b", "c", "d", "e"),
    owner: few("", "", "x"),
    lookup: few("", "", "", "h1", "h2"),
    body: fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 1 }), {
      maxKeys: 2,
      noNullPrototype: true,
    }),
    secrets: fc.dictionary(few("/value", "/other"), fc.string({ maxLength: 9 }), { maxKeys: 2, noNullPrototype: true }),
    deleted: fc.boolean(),
    updatedAt: fc.nat(),
  })
  // As JSON can say it: -0 is 0 there.
  .map((entry) => fixtureEntry(JSON.parse(JSON.stringify(entry)) as StoredEntry));
const changes: fc.Arbitrary<EntryChange> = fc.oneof(
  { weight: 3, arbitrary: entries.map((entry): EntryChange => ({ type: "put", entry })) },
  { weight: 1, arbitrary: entries.map(({ kind, id }): EntryChange => ({ type: "remove", kind, id })) },
);
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .array(changes, { minLength: 1, maxLength: 4 })
      .map((list): Step => ({ type: "write", changes: list })),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ type: "restart" }) },
);

/** Runs the property on stores of the implementation. */
export function configStoreHistory(name: string, make: () => RestartableStore): void {
  test(`${name}: any history of writes and restarts leaves what a list of entries would hold`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 25 }), (history) => follow(make(), history)),
      { seed: 11, numRuns: 40 },
    );
  });
}

async function follow(given: RestartableStore, history: readonly Step[]): Promise<void> {
  let store = await given.open();
  const model = new Model();
  try {
    for (const step of history) {
      if (step.type === "restart") {
        await store.close();
        store = await given.open();
      } else await writeBoth(store, model, step.changes);
    }
    await compare(store, model);
  } finally {
    await store.close();
    given.dispose();
  }
}

async function writeBoth(store: ConfigStore, model: Model, list: readonly EntryChange[]): Promise<void> {
  const before = store.revision;
  if (!model.write(list, null)) {
    await assert.rejects(store.write(list), NameTakenError);
    assert.equal(store.revision, before);
    return;
  }
  const revision = await store.write(list);
  assert.ok(revision > before);
  model.write(list, revision);
}

async function compare(store: ConfigStore, model: Model): Promise<void> {
  for (const kind of KINDS) {
    const wanted = model.entries.filter((entry) => entry.kind === kind);
    assert.deepEqual(await allOf(store, kind), wanted);
    const shown = wanted.filter((entry) => !entry.deleted);
    assert.equal(await store.count(kind), shown.length);
    assert.deepEqual(await store.list(kind, { limit: 100, offset: 0 }), { entries: shown, total: shown.length });
  }
  for (const revision of [0, Math.floor(model.revision / 2), model.revision]) {
    const { changed } = await store.changedSince(revision);
    const wanted = [...model.touched].filter(([, touched]) => touched > revision).map(([key]) => key);
    assert.deepEqual(changed.map(({ kind, id }) => `${kind}:${id}`).toSorted(), wanted.toSorted());
  }
}
