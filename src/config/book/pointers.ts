// Reads and replaces single values within a body of JSON, by JSON Pointer (RFC 6901).
import type { JsonObject, JsonValue } from "../../core/config-store.ts";

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function pointerOf(names: readonly (string | number)[]): string {
  return names.map((name) => `/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function namesOf(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The value at the pointer; undefined where there is none. */
export function valueAt(body: JsonValue, pointer: string): JsonValue | undefined {
  let value: JsonValue | undefined = body;
  for (const name of namesOf(pointer)) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as JsonObject)[name];
  }
  return value;
}

/** A copy of the body with these texts at their pointers; objects on the way are made where they are missing. */
export function withTexts(body: JsonObject, texts: Readonly<Record<string, string>>): JsonObject {
  let result = body;
  for (const [pointer, text] of Object.entries(texts)) result = put(result, namesOf(pointer), text) as JsonObject;
  return result;
}

function put(value: JsonValue | undefined, names: readonly string[], text: string): JsonValue {
  const [name, ...rest] = names;
  if (name === undefined) return text;
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === name ? put(item, rest, text) : item));
  const object = isObject(value) ? value : {};
  return withMember(object, name, put(Object.hasOwn(object, name) ? object[name] : undefined, rest, text));
}

/** A copy with this member; `__proto__` is a name like any other. */
export function withMember(object: JsonObject, name: string, value: JsonValue): JsonObject {
  return fromEntries([...Object.entries(object).filter(([other]) => other !== name), [name, value]]);
}

/** An object of these members; `Object.fromEntries` defines, so no name means anything by itself. */
export function fromEntries(entries: Iterable<readonly [string, JsonValue]>): JsonObject {
  return Object.fromEntries(entries) as JsonObject;
}

/** Sets a member of an object that is being put together; `__proto__` is a name like any other. */
export function setMember(object: Record<string, JsonValue>, name: string, value: JsonValue): void {
  if (name !== "__proto__") object[name] = value;
  else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}
