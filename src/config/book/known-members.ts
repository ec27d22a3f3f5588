// Leaves out of a body what the schema does not know: of a file's entry only what has a meaning is stored.
import type { JsonObject, JsonValue } from "../../core/config-store.ts";
import type { Shape } from "../validate.ts";
import { fromEntries, isObject } from "./pointers.ts";

/** The body without members that the schema lacks. Parts whose inner shape is open or not known stay as they are. */
export function knownMembers(body: JsonObject, shape: Shape): JsonObject {
  return clean(body, shape) as JsonObject;
}

function clean(value: JsonValue, shape: Shape): JsonValue {
  if (Array.isArray(value)) {
    const items = branch(shape, "array")?.items;
    return items === undefined ? value : value.map((item) => clean(item, items));
  }
  if (!isObject(value)) return value;
  const members = branch(shape, "object");
  if (members === undefined) return value;
  const pattern = Object.values(members.patternProperties ?? {})[0];
  const kept: [string, JsonValue][] = [];
  for (const [name, member] of Object.entries(value)) {
    const known = Object.hasOwn(members.properties ?? {}, name) ? members.properties?.[name] : pattern;
    if (known !== undefined) kept.push([name, clean(member, known)]);
    else if (members.additionalProperties === true) kept.push([name, member]);
  }
  return fromEntries(kept);
}

/** The branch of a union for this type of value; undefined where the schema says nothing about it. */
function branch(shape: Shape, type: "array" | "object"): Shape | undefined {
  const found = shape.anyOf?.find((candidate) => candidate.type === type) ?? shape;
  return found.type === type ? found : undefined;
}
