// Objects and lists that know where they stood in their text, without a member that anybody sees.

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

/** An object without prototype members: `__proto__` and `constructor` are names like any other. Unlike those of `Object.create(null)` it is fast. */
export class PlainObject {
  [name: string]: unknown;
}
Object.setPrototypeOf(PlainObject.prototype, null);
Reflect.deleteProperty(PlainObject.prototype, "constructor");

/** Remembers for good where the object or list begins, in bytes; returns it. */
export function placeAt<T extends object>(value: T, offset: number): T {
  return new Place(value, offset) as unknown as T;
}

/** Where the object or list began in its text; -1 when it comes from no text. */
export function placeOf(value: object): number {
  return Place.of(value);
}
