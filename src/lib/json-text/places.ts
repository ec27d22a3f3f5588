// Objects and lists that know where they stood in their text, without a member that anybody sees.

/**
 * An object without prototype members: `__proto__` and `constructor` are names like any other. Unlike those of
 * `Object.create(null)` it is fast. It begins at this byte of its text; -1 = it comes from no text.
 */
export class PlainObject {
  [name: string]: unknown;
  readonly #offset: number;

  constructor(offset = -1) {
    this.#offset = offset;
  }

  static offsetOf(value: object): number | undefined {
    return #offset in value ? (value as PlainObject).#offset : undefined;
  }
}
const offsetOf = PlainObject.offsetOf;
Object.setPrototypeOf(PlainObject.prototype, null);
Reflect.deleteProperty(PlainObject.prototype, "constructor");

/** Returns what it is given, so that a class built on it adds its private field to any object. */
// oxlint-disable-next-line typescript/no-extraneous-class
class Given {
  constructor(target: object) {
    // oxlint-disable-next-line no-constructor-return
    return target;
  }
}

class Place extends Given {
  readonly #offset: number;

  constructor(target: object, offset: number) {
    super(target);
    this.#offset = offset;
  }

  static of(value: object): number {
    return #offset in value ? (value as Place).#offset : -1;
  }
}

/** Remembers for good where a list begins, in bytes; returns it. */
export function placeAt<T extends object>(value: T, offset: number): T {
  return new Place(value, offset) as unknown as T;
}

/** Where the object or list began in its text; -1 when it comes from no text. */
export function placeOf(value: object): number {
  return offsetOf(value) ?? Place.of(value);
}
