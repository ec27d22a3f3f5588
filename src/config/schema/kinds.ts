// The building blocks of the schema: typebox kinds with the few marks of our own that the reader understands.
import { Type } from "typebox";

/** What stands beside the JSON Schema words: read by `config/validate.ts`, ignored by everyone else. */
export interface Marks {
  /** Never shown: masked in snippets, not quoted in messages. */
  readonly secret?: boolean;
  /** Known, but not supported yet: named by this text in a warning; types and values are checked all the same. */
  readonly later?: string;
  /** Known and taken without a word, but nothing here depends on it. */
  readonly idle?: boolean;
  /** Takes more members than those listed (documented as incomplete): an unknown one is no mistake. */
  readonly open?: boolean;
  /** A list that may be very long: its items may be read when they are asked for, each once. */
  readonly oneByOne?: boolean;
  /** What to write, in words, for messages: `a duration such as "30s" or "1d"`. */
  readonly expected?: string;
  /** For editors and the reference. */
  readonly examples?: readonly unknown[];
}

interface DefaultText {
  readonly default?: string;
}

interface Bounds {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

/** An object whose members may all be absent. Members that must be there are demanded where they are used. */
export function block<P extends Type.TProperties>(description: string, properties: P, marks: Marks = {}) {
  return Type.Partial(Type.Object(properties), { description, additionalProperties: marks.open === true, ...marks });
}

/** Text; `env.NAME` is read from the environment where the value is used. */
export function text(description: string, marks: Marks & DefaultText = {}) {
  return Type.String({ description, ...marks });
}

/** A secret: bare text, `env.NAME`, or the object form in which secrets are read back. */
export function secret(description: string, marks: Marks = {}) {
  return Type.Union([Type.String({ secret: true }), secretObject], {
    description,
    secret: true,
    expected: 'text, or "env.NAME" for an environment variable',
    ...marks,
  });
}

const secretObject = Type.Partial(
  Type.Object({
    value: Type.String({ secret: true }),
    ref: Type.String(),
    type: Type.String(),
    env_var: Type.String(),
    from_env: Type.Boolean(),
  }),
  { additionalProperties: false },
);

export function flag(description: string, standard = false, marks: Marks = {}) {
  return Type.Boolean({ description, default: standard, ...marks });
}

/** A whole number with a default, 0 or more unless it is said otherwise. */
export function count(description: string, standard: number, marks: Marks & Bounds = {}) {
  return Type.Integer({ description, default: standard, minimum: 0, ...marks });
}

/** A whole number that is not there unless somebody writes it. */
export function whole(description: string, marks: Marks & Bounds = {}) {
  return Type.Integer({ description, minimum: 0, ...marks });
}

/** A number with a default, 0 or more unless it is said otherwise. */
export function amount(description: string, standard: number, marks: Marks & Bounds = {}) {
  return Type.Number({ description, default: standard, minimum: 0, ...marks });
}

/** Seconds that may have a fraction, up to a day. */
export function seconds(description: string, standard: number, marks: Marks & Bounds = {}) {
  const isMore = marks.exclusiveMinimum !== undefined;
  return Type.Number({
    description,
    default: standard,
    ...(isMore ? {} : { minimum: 0 }),
    maximum: 86_400,
    expected: isMore ? "seconds, more than 0" : "seconds, 0 or more",
    ...marks,
  });
}

/** A share among others. */
export function weight(description: string) {
  return Type.Number({ description, minimum: 0, maximum: 1_000_000, expected: WEIGHT, examples: [0.5] });
}

export const WEIGHT = "a number from 0 to 1000000";

export function choice<const V extends readonly string[]>(
  description: string,
  values: readonly [...V],
  marks: Marks & DefaultText = {},
) {
  return Type.Unsafe<V[number]>(Type.Enum([...values], { description, ...marks }));
}

/** How much of requests and answers records keep. */
export function contentLevel(description: string, marks: Marks & DefaultText = {}) {
  return choice(description, ["off", "ends", "full", "redacted"], marks);
}

export function list<I extends Type.TSchema>(description: string, items: I, marks: Marks = {}) {
  return Type.Array(items, { description, ...marks });
}

export function names(description: string, marks: Marks & { readonly default?: readonly string[] } = {}) {
  return Type.Array(Type.String(), { description, ...marks });
}

export function mapOf<V extends Type.TSchema>(description: string, values: V, marks: Marks = {}) {
  return Type.Record(Type.String(), values, { description, ...marks });
}

/** Header names to values, which may be secrets. */
export function headers(description: string, marks: Marks = {}) {
  return mapOf(description, Type.String({ secret: true }), { examples: [{ "X-Team": "blue" }], ...marks });
}

/** Dollars, 0 or more: read digit by digit, never as a float. */
export function money(description: string, marks: Marks = {}) {
  return Type.Number({
    description,
    minimum: 0,
    maximum: 9_000_000_000,
    expected: "an amount in dollars from 0 to 9000000000",
    examples: [100],
    ...marks,
  });
}

/** Integer milliseconds, or a duration such as `500ms`. */
export function milliseconds(description: string, standard: number) {
  return Type.Union([Type.Integer({ minimum: 0 }), Type.String()], {
    description,
    default: standard,
    expected: 'milliseconds, or a duration such as "500ms" or "5s"',
  });
}

/** Whole seconds, or a duration such as `5m`. */
export function secondsOrDuration(description: string, standard: number | string, marks: Marks = {}) {
  return Type.Union([Type.Number({ minimum: 0 }), Type.String()], {
    description,
    default: standard,
    expected: 'seconds, or a duration such as "5m"',
    ...marks,
  });
}

/** RFC 3339; empty = none. */
export function time(description: string, marks: Marks = {}) {
  return Type.String({
    description,
    expected: 'a time such as "2027-01-31T00:00:00Z"',
    examples: ["2027-01-31T00:00:00Z"],
    ...marks,
  });
}

/** Anything: a part whose inner shape does not concern us. */
export function anything(description: string, marks: Marks & { readonly default?: unknown } = {}) {
  return Type.Unknown({ description, ...marks });
}

/** What programs write into their answers, and what a file may hold because it was made from one. */
export function written(description: string) {
  return Type.Unknown({ description, idle: true });
}

/** An id, which some programs write as a number. */
export function identity(description: string, marks: Marks = {}) {
  return Type.Union([Type.String(), Type.Integer()], { description, examples: ["7f9c2a"], ...marks });
}
