// What the audit tells of changed entries: their bodies before and after without any secret, of a change only the members that differ.
import type { AuditRow, AuditScope } from "../../core/audit.ts";
import type { JsonObject, JsonValue, StoredEntry } from "../../core/config-store.ts";
import { withTexts } from "./pointers.ts";
import { isReference } from "./secrets.ts";

/** An entry that is touched; null: it was not there, or is gone. */
export interface EntryStep {
  readonly before: StoredEntry | null;
  readonly after: StoredEntry | null;
}

const KEPT = "<redacted>";
const CHANGED = "<redacted: changed>";
/** A body that is larger is not kept twice. */
const LARGEST = 64 * 1024;

/** The row of one change. */
export function auditRow(scope: AuditScope, { before: old, after: wanted }: EntryStep): AuditRow | null {
  const before = old?.deleted === true ? null : old;
  const after = wanted?.deleted === true ? null : wanted;
  const entry = after ?? before;
  if (entry === null) return null;
  const shown = [before && withoutSecrets(before, null), after && withoutSecrets(after, before)] as const;
  const [from, to] = shown[0] !== null && shown[1] !== null ? differing(shown[0], shown[1]) : shown;
  const { at, actor, address, method, path } = scope;
  return {
    at,
    actor,
    address,
    method,
    path,
    entity: entry.kind,
    entityId: entry.id,
    entityName: isItsSecret(entry) ? KEPT : entry.name,
    before: bounded(from),
    after: bounded(to),
    outcome: "done",
    status: 200,
    reason: "",
  };
}

/** Not even the ends of a secret stay; where it is another one than `before` had, that is said. */
function withoutSecrets(entry: StoredEntry, before: StoredEntry | null): JsonObject {
  const marks: Record<string, string> = {};
  for (const [pointer, secret] of Object.entries(entry.secrets)) {
    const isSame = before === null || before.secrets[pointer] === secret;
    marks[pointer] = isSame ? KEPT : CHANGED;
  }
  const { value } = entry.body;
  // the body of a virtual key holds what may be shown of its secret
  if (entry.kind === "virtual-key" && typeof value === "string" && value !== "" && !isReference(value))
    marks["/value"] = before === null || before.lookup === entry.lookup ? KEPT : CHANGED;
  if (isItsSecret(entry) && "name" in entry.body) marks["/name"] = KEPT;
  return withTexts(entry.body, marks);
}

/** A virtual key may be called by its own secret. */
function isItsSecret(entry: StoredEntry): boolean {
  return entry.kind === "virtual-key" && entry.body["value"] === entry.name;
}

/** The members that are not the same in both. */
function differing(before: JsonObject, after: JsonObject): readonly [JsonObject, JsonObject] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  const only = (body: JsonObject): JsonObject =>
    Object.fromEntries(changed.flatMap((name) => (body[name] === undefined ? [] : [[name, body[name]]])));
  return [only(before), only(after)];
}

function bounded(value: JsonObject | null): JsonValue {
  if (value === null) return null;
  const { length } = JSON.stringify(value);
  return length <= LARGEST ? value : { too_large: length, members: Object.keys(value).slice(0, 100) };
}
