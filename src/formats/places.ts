// Remembers where a part of a decoded request stood in the caller's body, so that a loss is told in the caller's spelling.

/** Keyed by the canonical object itself: the canonical form stays free of it, and it goes when the request goes. */
const places = new WeakMap<object, string>();

/** Notes the place, e.g. `messages[2].content[0]`, and gives the object back. */
export function placed<T extends object>(value: T, field: string): T {
  places.set(value, field);
  return value;
}

/** Where the object stood; `fallback` for one that no decoder made. */
export function placeOf(value: object, fallback: string): string {
  return places.get(value) ?? fallback;
}
