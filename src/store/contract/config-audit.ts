// What every store of the configuration must do with the rows of the audit.
import assert from "node:assert/strict";
import { AUDIT_LIMITS, type AuditQuery, type AuditRow } from "../../core/audit.ts";
import { type ConfigStore, type EntryChange, NameTakenError } from "../../core/config-store.ts";

interface Opened {
  readonly store: ConfigStore;
  another(): Promise<ConfigStore>;
}
type Check = (title: string, run: (opened: Opened) => Promise<void>) => void;
type Put = (entry: { readonly kind: "provider"; readonly id: string; readonly name?: string }) => EntryChange;

const NOW = 1_800_000_000_000;

/** A row with nothing special about it. */
export function fixtureRow(row: Partial<AuditRow> = {}): AuditRow {
  return {
    at: NOW,
    actor: "ada",
    address: "127.0.0.1",
    method: "PUT",
    path: "/api/providers/openai",
    entity: "provider",
    entityId: "openai",
    entityName: "openai",
    before: null,
    after: { network_config: { max_retries: 2 }, keys: ["<redacted>"] },
    outcome: "done",
    status: 200,
    reason: "",
    ...row,
  };
}

async function idsOf(store: ConfigStore, query: Partial<AuditQuery> = {}): Promise<string[]> {
  const { rows } = await store.audit({ limit: 100, offset: 0, ...query });
  return rows.map(({ entityId }) => entityId);
}

export function checkAudit(check: Check, put: Put): void {
  check("a row of the audit is read as it was written, by any process, newest first", async ({ store, another }) => {
    const row = fixtureRow();
    await store.saveAudit([row, fixtureRow({ entityId: "b" })]);
    const other = await another();
    await other.saveAudit([fixtureRow({ entityId: "c", before: { a: [1, "ü"] }, after: null })]);
    for (const one of [store, other]) {
      const { rows, total } = await one.audit({ limit: 2, offset: 0 });
      assert.equal(total, 3);
      assert.deepEqual(
        rows.map(({ entityId }) => entityId),
        ["c", "b"],
      );
      assert.deepEqual(rows[0]?.before, { a: [1, "ü"] });
      assert.ok((rows[0]?.id ?? 0) > (rows[1]?.id ?? 0));
      const [first] = (await one.audit({ limit: 1, offset: 2 })).rows;
      assert.deepEqual({ ...first, id: undefined }, { ...row, id: undefined });
    }
  });

  check("rows of the audit are found by entity, actor, address and time", async ({ store }) => {
    await store.saveAudit([
      fixtureRow({ entityId: "1", at: NOW, actor: "" }),
      fixtureRow({ entityId: "2", at: NOW + 1, entity: "virtual-key" }),
      fixtureRow({ entityId: "3", at: NOW + 2, actor: "grace", address: "10.0.0.1" }),
    ]);
    assert.deepEqual(await idsOf(store, { entity: "virtual-key" }), ["2"]);
    assert.deepEqual(await idsOf(store, { entity: "provider", entityId: "3" }), ["3"]);
    assert.deepEqual(await idsOf(store, { actor: "grace" }), ["3"]);
    assert.deepEqual(await idsOf(store, { actor: "127.0.0.1" }), ["2", "1"]);
    assert.deepEqual(await idsOf(store, { since: NOW + 1, until: NOW + 1 }), ["2"]);
    assert.deepEqual(await idsOf(store, { actor: "'; DROP TABLE audit; --" }), []);
    assert.equal((await store.audit({ limit: 0, offset: 0 })).total, 3);
  });

  check("a change and its rows come together or not at all", async ({ store }) => {
    await store.write([put({ kind: "provider", id: "a", name: "taken" })], [fixtureRow({ entityId: "a" })]);
    const clash = [put({ kind: "provider", id: "b" }), put({ kind: "provider", id: "c", name: "taken" })];
    await assert.rejects(store.write(clash, [fixtureRow({ entityId: "b" })]), NameTakenError);
    assert.deepEqual(await idsOf(store), ["a"]);
    assert.equal(await store.get("provider", "b"), null);
  });

  check("rows that are too old are forgotten as new ones come", async ({ store }) => {
    await store.saveAudit(["1", "2", "3"].map((entityId) => fixtureRow({ entityId, at: NOW - AUDIT_LIMITS.age })));
    assert.equal((await idsOf(store)).length, 3);
    await store.saveAudit([fixtureRow({ entityId: "4", at: NOW + 1 })]);
    assert.deepEqual(await idsOf(store), ["4"]);
  });

  check("rows of the audit are no change of the configuration", async ({ store }) => {
    const { revision } = store;
    await store.saveAudit([fixtureRow()]);
    assert.equal(store.revision, revision);
    assert.deepEqual((await store.changedSince(revision)).changed, []);
  });
}
