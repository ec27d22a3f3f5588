// Leaves out of a body what the schema does not know: of a file's entry only what has a meaning is stored.
import type { JsonObject, JsonValue } from "../../core/config-store.ts";
import type { Shape } from "../validate.ts";
import { setMember } from "./pointers.ts";

/**
 * The body without members that the schema lacks. Parts whose inner shape is open or not known stay as they are, and what
 * lacks nothing is not copied: there may be a million of these.
 */
export function knownMembers(body: JsonObject, shape: Shape): JsonObject {
  return clean(body, shape) as JsonObject;
}

function clean(value: JsonValue, shape: Shape): JsonValue {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return cleanList(value, branch(shape, "array")?.items);
  const members = branch(shape, "object");
  return members === undefined ? value : cleanObject(value as JsonObject, members);
}

function cleanList(list: readonly JsonValue[], items: Shape | undefined): JsonValue {
  if (items === undefined) return list;
  let copy: JsonValue[] | null = null;
  for (let index = 0; index < list.length; index++) {
    const item = clean(list[index]!, items);
    if (item !== list[index]) copy ??= [...list];
    if (copy !== null) copy[index] = item;
  }
  return copy ?? list;
}

function cleanObject(value: JsonObject, members: Shape): JsonObject {
  const { properties, patternProperties } = members;
  const pattern = patternProperties === undefined ? undefined : Object.values(patternProperties)[0];
  let kept: Record<string, JsonValue> | null = null;
  for (const name in value) {
    const known = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : pattern;
    const member = value[name]!;
    const isKept = known !== undefined || members.additionalProperties === true;
    const cleaned = known === undefined ? member : clean(member, known);
    if (kept === null && isKept && cleaned === member) continue;
    kept ??= membersBefore(name, value);
    if (isKept) setMember(kept, name, cleaned);
  }
  return kept ?? value;
}

function membersBefore(end: string, value: JsonObject): Record<string, JsonValue> {
  const copy: Record<string, JsonValue> = {};
  for (const name in value) {
    if (name === end) break;
    setMember(copy, name, value[name]!);
  }
  return copy;
}

/** The branch of a union for this type of value; undefined where the schema says nothing about it. */
function branch(shape: Shape, type: "array" | "object"): Shape | undefined {
  const found = shape.anyOf?.find((candidate) => candidate.type === type) ?? shape;
  return found.type === type ? found : undefined;
}
