// Where secrets stand in an entry of the configuration, and what is shown, kept and refused at these places.
import { pointerOf, valueAt, withTexts } from "../config/book/pointers.ts";
import { isReference, maskSecret } from "../config/book/secrets.ts";
import type { ItemFacts } from "../core/config-book.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import { isObject, setOwn } from "./restore-shown.ts";
import { decodeSecret, encodeSecret, isMask } from "./secret-shape.ts";

/** Names on the way to a member; `*` stands for every member. */
export interface Place {
  readonly path: readonly string[];
  /** Never shown in clear. The others only take the object form and references too. */
  readonly secret: boolean;
  /** Read back as an object; otherwise as text. */
  readonly asObject: boolean;
  /** An address, which holds no credentials. */
  readonly isAddress?: boolean;
}

/** The facts as far as places need them. */
export type Held = Pick<ItemFacts, "body" | "masked">;

/** `body` with the value at each place, where there is one, replaced by what `change` makes of it. */
export function mapPlaces(
  body: JsonObject,
  places: readonly Place[],
  change: (value: JsonValue, place: Place, pointer: string) => JsonValue,
): JsonObject {
  let changed = body;
  for (const place of places)
    changed = mapAt(changed, place.path, "", (value, pointer) => change(value, place, pointer)) as JsonObject;
  return changed;
}

function mapAt(
  value: JsonValue,
  path: readonly string[],
  pointer: string,
  change: (value: JsonValue, pointer: string) => JsonValue,
): JsonValue {
  const [name, ...rest] = path;
  if (name === undefined) return change(value, pointer);
  if (!isObject(value)) return value;
  const copy: Record<string, JsonValue> = {};
  for (const [member, inner] of Object.entries(value)) {
    const isOn = name === "*" || name === member;
    setOwn(copy, member, isOn ? mapAt(inner, rest, pointer + pointerOf([member]), change) : inner);
  }
  return copy;
}

/** What may be told of the text at a pointer. The book masks; what it does not know as a secret yet is masked here. */
function maskedAt(held: Held, pointer: string, text: string): string {
  const masked = held.masked[pointer];
  if (masked !== undefined) return masked;
  return isReference(text) ? "" : maskSecret(text);
}

/** A file may have such an address for a provider that cannot run here; where it runs the readers refuse it. */
function holdsCredentials(text: string, place: Place): boolean {
  if (place.isAddress !== true) return false;
  const url = URL.parse(text);
  return url === null ? text.includes("@") : url.username !== "" || url.password !== "";
}

/** The body as it is shown, secrets as bare text: references as they are, others masked. */
export function shownText(held: Held, places: readonly Place[]): JsonObject {
  const whole = withMasked(held);
  return mapPlaces(whole, places, (value, place, pointer) => {
    if (typeof value !== "string" || isReference(value)) return value;
    return place.secret || holdsCredentials(value, place) ? maskedAt(held, pointer, value) : value;
  });
}

/** The body as the book takes it back: masked texts stand where it keeps the secret, references stay. */
export function withMasked(held: Held): JsonObject {
  const taken = Object.entries(held.masked).filter(([pointer]) => (valueAt(held.body, pointer) ?? "") === "");
  return withTexts(held.body, Object.fromEntries(taken));
}

/** Bare texts as objects, for the answer. */
export function encodePlaces(shown: JsonObject, held: Held, places: readonly Place[]): JsonObject {
  return mapPlaces(shown, places, (value, place, pointer) => {
    if (!place.asObject || typeof value !== "string") return value;
    return isReference(value) ? encodeSecret(value, held.masked[pointer] ?? "") : encodeSecret(undefined, value);
  });
}

/** Objects as bare texts, from the request. */
export function decodePlaces(given: JsonObject, places: readonly Place[]): JsonObject {
  return mapPlaces(given, places, (value) => decodeSecret(value));
}

/** A mask that was shown keeps its secret; any other one would become the secret itself, so it is refused. */
export function keepMasked(given: JsonObject, held: Held | undefined, places: readonly Place[]): JsonObject {
  const kept: JsonObject = held === undefined ? {} : withMasked(held);
  return mapPlaces(given, places, (value, place, pointer) => {
    if (typeof value !== "string") return value;
    if (holdsCredentials(value, place) && value !== valueAt(kept, pointer)) refuseCredentials(pointer);
    if (!place.secret || !isMask(value)) return value;
    // a header may well be "*"
    const mayBeMeant = !place.asObject && value.length <= 8;
    const before = valueAt(kept, pointer);
    if (typeof before === "string" && held !== undefined) {
      if (value === before || value === "<redacted>" || value === maskedAt(held, pointer, before)) return before;
    }
    if (mayBeMeant) return value;
    const name = nameOf(pointer);
    throw new GatewayError(
      "invalid_request",
      `'${name}' is a masked value, and not the one that is shown now; send the secret itself, or read it again`,
      { param: name },
    );
  });
}

function refuseCredentials(pointer: string): never {
  const name = nameOf(pointer);
  throw new GatewayError(
    "invalid_request",
    `'${name}' holds a user name or password; give credentials as a key or a header`,
    { param: name },
  );
}

function nameOf(pointer: string): string {
  return pointer.slice(1).replaceAll("/", ".");
}
