// What a caller sends back as it was shown to him means what is stored: defaults are not written down, masks keep their secret.
import type { JsonObject, JsonValue } from "../core/config-store.ts";

/**
 * `given` with every part that equals what was `shown` put back to what is `stored`; undefined: it is not stored, so leave
 * it out. What a GET answers is thereby accepted by the PUT of the same path and changes nothing.
 */
export function restoreShown(
  given: JsonValue,
  shown: JsonValue | undefined,
  stored: JsonValue | undefined,
): JsonValue | undefined {
  if (shown !== undefined && sameJson(given, shown)) return stored;
  if (!isObject(given) || !isObject(shown)) return given;
  const inner = isObject(stored) ? stored : {};
  const restored: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(given)) {
    const back = restoreShown(value, own(shown, name), own(inner, name));
    if (back !== undefined) setOwn(restored, name, back);
  }
  return restored;
}

/** Equal content, whatever the order of members. */
export function sameJson(a: JsonValue, b: JsonValue): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => sameJson(item, b[index] as JsonValue));
  if (!isObject(a) || !isObject(b)) return a === b;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && sameJson(a[name] as JsonValue, b[name] as JsonValue))
  );
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member that the object has itself: `constructor` is a name like any other. */
export function own(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** A member called `__proto__` is one too. */
export function setOwn(object: Record<string, JsonValue>, name: string, value: JsonValue): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Without the members named. */
export function without(object: JsonObject, names: ReadonlySet<string>): Record<string, JsonValue> {
  const rest: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(object)) if (!names.has(name)) setOwn(rest, name, value);
  return rest;
}
