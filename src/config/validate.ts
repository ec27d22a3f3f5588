// Walks the content of the file beside the schema: checks types and values, and names what is unknown or not yet there.
import { LongList } from "../lib/json-text/long-list.ts";
import { PlainObject, placeAt, placeOf } from "../lib/json-text/places.ts";
import { nearestName } from "../lib/nearest.ts";
import type { DiagnosticDetails } from "./diagnostic.ts";
import type { ConfigDocument } from "./document.ts";
import type { Shape } from "./schema/shape.ts";
import { SHORT_TEXT } from "./showable.ts";
import { looksSecret } from "./source-text.ts";
import { pathText, quoted } from "./texts.ts";

export type { Shape } from "./schema/shape.ts";

export interface ReadOptions {
  /**
   * Items of lists that are marked `oneByOne` are read when they are asked for, and what is wrong with them is told then:
   * the caller asks for each exactly once. Otherwise everything is read now.
   */
  readonly lazily?: boolean;
}

/** The value as this shape means it; undefined when it was refused. What has to be left out is left out of a copy. `path` is for messages. */
export function readValue(
  document: ConfigDocument,
  value: unknown,
  shape: Shape,
  path: string,
  options: ReadOptions = {},
): unknown {
  if (path === "") document.judgeBy(value, shape);
  const names = path === "" ? [] : [path];
  return new Validator(document, names, options).read(value, shape, null, 0);
}

/** The defaults of a block whose members may all be absent. */
export function defaultsOf(shape: Shape): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(shape.properties ?? {})) {
    if (member.default !== undefined && member.later === undefined) result[name] = member.default;
  }
  return result;
}

/** The members of a block by name: made once for each shape. */
const members = new WeakMap<Shape, ReadonlyMap<string, Shape>>();

function membersOf(shape: Shape): ReadonlyMap<string, Shape> {
  const known = members.get(shape);
  if (known !== undefined) return known;
  const made = new Map(Object.entries(shape.properties ?? {}));
  members.set(shape, made);
  return made;
}

type TypeName = "object" | "array" | "string" | "number" | "boolean" | "null";

function typeOf(value: unknown): TypeName {
  if (value === null) return "null";
  if (Array.isArray(value) || value instanceof LongList) return "array";
  return typeof value as TypeName;
}

/** What a value stands in, and under which name or number. */
type Owner = object | null;
type Name = string | number;

class Validator {
  readonly #document: ConfigDocument;
  readonly #options: ReadOptions;
  /** The names on the way to the value that is being read. */
  readonly #path: (string | number)[];
  /** Within a member that is named as not supported nothing more is named so. */
  #isWithinLater = false;

  constructor(document: ConfigDocument, path: readonly (string | number)[], options: ReadOptions) {
    this.#document = document;
    this.#path = [...path];
    this.#options = options;
  }

  /** `whole` is the union that `shape` is a branch of: its words for people count too. */
  read(value: unknown, shape: Shape, owner: Owner, name: Name, whole: Shape = shape): unknown {
    if (shape.anyOf !== undefined) return this.#readUnion(value, shape, owner, name);
    if (shape.enum !== undefined) return this.#readChoice(value, shape, owner, name);
    const type = typeOf(value);
    switch (shape.type) {
      case "object":
        return type === "object"
          ? this.#readObject(value as PlainObject, shape)
          : this.#refuseType(value, whole, owner, name);
      case "array":
        return type === "array"
          ? this.#readList(value as unknown[], shape)
          : this.#refuseType(value, whole, owner, name);
      case "number":
      case "integer":
        return type === "number"
          ? this.#readNumber(value as number, shape, owner, name, whole)
          : this.#refuseType(value, whole, owner, name);
      case undefined:
        return value;
      default:
        return type === shape.type ? value : this.#refuseType(value, whole, owner, name);
    }
  }

  #readUnion(value: unknown, shape: Shape, owner: Owner, name: Name): unknown {
    const type = typeOf(value);
    const branch = shape.anyOf?.find(
      (candidate) => candidate.type === type || (type === "number" && candidate.type === "integer"),
    );
    return branch === undefined
      ? this.#refuseType(value, shape, owner, name)
      : this.read(value, branch, owner, name, shape);
  }

  #readChoice(value: unknown, shape: Shape, owner: Owner, name: Name): unknown {
    const choices = shape.enum ?? [];
    if (choices.includes(value as string)) return value;
    const texts = choices.filter((choice) => typeof choice === "string");
    this.#refuse(owner, name, "wrong-value", "is not one of the values it may have", {
      expected: shape.expected ?? choices.map((choice) => JSON.stringify(choice)).join(", "),
      found: describe(value, shape),
      nearest: typeof value === "string" ? nearestName(value, texts) : undefined,
    });
    return undefined;
  }

  #readNumber(value: number, shape: Shape, owner: Owner, name: Name, whole: Shape): unknown {
    const isBroken =
      !Number.isFinite(value) ||
      (shape.type === "integer" && !Number.isSafeInteger(value)) ||
      (shape.minimum !== undefined && value < shape.minimum) ||
      (shape.exclusiveMinimum !== undefined && value <= shape.exclusiveMinimum) ||
      (shape.maximum !== undefined && value > shape.maximum);
    if (!isBroken) return value;
    const expected = shape.expected ?? whole.expected ?? expectation(shape);
    this.#refuse(owner, name, "wrong-value", "is out of range", { expected, found: describe(value, shape) });
    return undefined;
  }

  #readList(value: unknown[] | LongList, shape: Shape): unknown {
    const items = shape.items ?? {};
    if (value instanceof LongList && shape.oneByOne === true && this.#options.lazily === true) {
      const path = [...this.#path];
      const read = (item: unknown, index: number): unknown =>
        new Validator(this.#document, [...path, index], this.#options).read(item, items, value, index);
      return placeAt(value.map(read), placeOf(value));
    }
    const list = value instanceof LongList ? placeAt([...value], placeOf(value)) : value;
    let copy: unknown[] | null = null;
    for (let index = 0; index < list.length; index++) {
      this.#path.push(index);
      const read = this.read(list[index], items, list, index);
      this.#path.pop();
      if (read !== list[index]) copy ??= placedLike(list, [...list]);
      if (copy !== null) copy[index] = read;
    }
    return copy ?? list;
  }

  #readObject(value: PlainObject, shape: Shape): unknown {
    const known = membersOf(shape);
    const pattern = shape.patternProperties === undefined ? undefined : Object.values(shape.patternProperties)[0];
    let copy: PlainObject | null = null;
    // no list of the names is made: there may be a million objects, and nothing is inherited
    for (const name in value) {
      const member = known.get(name) ?? pattern;
      if (member === undefined) {
        if (shape.additionalProperties !== true) this.#warnUnknown(value, name, shape);
        continue;
      }
      const given = value[name];
      this.#path.push(name);
      const read = this.#readMember(given, member, value, name);
      this.#path.pop();
      if (read === given) continue;
      copy ??= Object.assign(new PlainObject(placeOf(value)), value);
      if (read === undefined) delete copy[name];
      else copy[name] = read;
    }
    return copy ?? value;
  }

  #readMember(value: unknown, shape: Shape, owner: object, name: string): unknown {
    if (shape.later !== undefined && !this.#isWithinLater) return this.#readLater(value, shape, owner, name);
    // Go writes absent things as null; where null has a meaning of its own the schema says so. For a list it might mean
    // all or none, so it is refused.
    if (value === null && shape.type !== "array" && shape.anyOf?.some(({ type }) => type === "null") !== true)
      return undefined;
    return this.read(value, shape, owner, name);
  }

  #readLater(value: unknown, shape: Shape, owner: object, name: string): unknown {
    this.#warnLater(value, shape, owner, name);
    this.#isWithinLater = true;
    const read = value === null ? undefined : this.read(value, shape, owner, name);
    this.#isWithinLater = false;
    return read;
  }

  #warnLater(value: unknown, shape: Shape, owner: object, name: string): void {
    if (isOff(value, shape.default)) return;
    const path = pathText(this.#path);
    const what = shape.later === path ? "" : `: ${shape.later}`;
    const span = this.#document.nameAt(owner, name);
    this.#document.warn(span, "not-supported-yet", `${path} is not supported yet and is ignored${what}`);
  }

  #warnUnknown(owner: object, name: string, shape: Shape): void {
    const known = Object.keys(shape.properties ?? {});
    const nearest = nearestName(name, known);
    const few = nearest === undefined && known.length <= 8 ? { expected: `one of ${known.join(", ")}` } : {};
    const path = pathText(this.#path);
    this.#document.warn(
      this.#document.nameAt(owner, name),
      "unknown-member",
      `${path === "" ? "the configuration" : path} has no member ${quoted(name)}; it is ignored`,
      { nearest, ...few },
    );
  }

  #refuseType(value: unknown, shape: Shape, owner: Owner, name: Name): undefined {
    this.#refuse(owner, name, "wrong-type", "has the wrong type", {
      expected: expectation(shape),
      found: describe(value, { secret: !mayTell(value, shape) }),
      remedy: remedyFor(value, shape),
    });
    return undefined;
  }

  #refuse(
    owner: Owner,
    name: Name,
    code: "wrong-type" | "wrong-value",
    problem: string,
    details: DiagnosticDetails,
  ): void {
    const span = owner === null ? { offset: 0, length: 1 } : this.#document.at(owner, name);
    this.#document.refuse(span, code, `${pathText(this.#path)} ${problem}`, details);
  }
}

/** A copy stands where its original does. */
function placedLike<T>(original: readonly T[], copy: T[]): T[] {
  const place = placeOf(original);
  return place < 0 ? copy : placeAt(copy, place);
}

/** True when ignoring the value changes nothing: off, empty, or what we do anyway. */
function isOff(value: unknown, standard: unknown): boolean {
  if (value === null || value === false || value === "") return true;
  if (standard !== undefined && value === standard) return true;
  if (typeof value !== "object") return false;
  if (value instanceof LongList || Array.isArray(value)) return value.length === 0;
  return Object.keys(value).length === 0 || (value as PlainObject).enabled === false;
}

const TYPE_NAMES: Record<string, string> = {
  object: "an object {…}",
  array: "a list […]",
  string: "text in double quotes",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  null: "null",
};

function expectation(shape: Shape): string {
  if (shape.expected !== undefined) return shape.expected;
  if (shape.anyOf !== undefined) return shape.anyOf.map(expectation).join(" or ");
  const type = TYPE_NAMES[shape.type ?? ""] ?? "something else";
  if (shape.minimum !== undefined && shape.maximum !== undefined)
    return `${type} from ${shape.minimum} to ${shape.maximum}`;
  return shape.minimum === undefined ? type : `${type}, ${shape.minimum} or more`;
}

/** Longer texts and numbers in the wrong place might be secrets. */
function mayTell(value: unknown, shape: Shape): boolean {
  if (shape.secret === true) return false;
  return typeof value !== "object" && String(value).length <= SHORT_TEXT && !looksSecret(String(value));
}

/** How the same is written right, where that is plain. */
function remedyFor(value: unknown, shape: Shape): string | undefined {
  const types = [shape, ...(shape.anyOf ?? [])].map(({ type }) => type);
  if (value === null && types.includes("array"))
    return "null might mean all or none: leave the member out, or write a list.";
  if (!mayTell(value, shape)) return undefined;
  if (typeof value === "string") {
    const isNumber = types.includes("number") || types.includes("integer");
    if (isNumber && /^-?\d+(?:\.\d+)?$/.test(value)) return `Write it without quotes: ${value}.`;
    if (types.includes("boolean") && /^(?:true|false)$/.test(value)) return `Write it without quotes: ${value}.`;
    if (types.includes("array") && shape.items?.type === "string") return `Write ["${value}"].`;
  }
  if (typeof value === "number" && types.includes("string")) return `Put it in double quotes: "${value}".`;
  return undefined;
}

/** What was found, without telling a secret. */
function describe(value: unknown, shape: Shape): string {
  if (typeof value === "string") return shape.secret === true || looksSecret(value) ? "text" : quoted(value);
  if (typeof value === "number" && !Number.isFinite(value)) return "a number that is too large";
  if (typeof value === "number") return shape.secret === true ? "a number" : String(value);
  if (typeof value === "boolean" || value === null) return String(value);
  return TYPE_NAMES[typeOf(value)]!;
}
