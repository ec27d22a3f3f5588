// The building blocks of the schema: typebox kinds with the few marks of our own that the reader understands.
import { Type } from "typebox";

/** What stands beside the JSON Schema words: read by `config/validate.ts`, ignored by everyone else. */
export interface Marks {
  /** Never shown: masked in snippets, not quoted in messages. */
  readonly secret?: boolean;
  /** Known, but not supported yet: named by this text in a warning, then ignored. */
  readonly later?: string;
  /** Takes more members than those listed (documented as incomplete): an unknown one is no mistake. */
  readonly open?: boolean;
  /** A list that may be very long: its items may be read when they are asked for, each once. */
  readonly oneByOne?: boolean;
  /** What to write, in words, for messages: `a duration such as "30s" or "1d"`. */
  readonly expected?: string;
}

/** An object whose members may all be absent. Members that must be there are demanded where they are used. */
export function block<P extends Type.TProperties>(description: string, properties: P, marks: Marks = {}) {
  return Type.Partial(Type.Object(properties), { description, additionalProperties: marks.open === true, ...marks });
}

/** Text; `env.NAME` is read from the environment where the value is used. */
export function text(description: string, marks: Marks & { default?: string } = {}) {
  return Type.String({ description, ...marks });
}

/** A secret: bare text, `env.NAME`, or the object form in which secrets are read back. */
export function secret(description: string) {
  return Type.Union([Type.String({ secret: true }), secretObject], {
    description,
    secret: true,
    expected: 'text, or "env.NAME" for an environment variable',
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

/** A whole number, `minimum` or more. */
export function count(
  description: string,
  standard: number,
  marks: Marks & { minimum?: number; maximum?: number } = {},
) {
  return Type.Integer({ description, default: standard, minimum: 0, ...marks });
}

export function choice<const V extends readonly string[]>(
  description: string,
  values: readonly [...V],
  marks: Marks & { default?: string } = {},
) {
  return Type.Unsafe<V[number]>(Type.Enum([...values], { description, ...marks }));
}

export function list<I extends Type.TSchema>(description: string, items: I, marks: Marks = {}) {
  return Type.Array(items, { description, ...marks });
}

export function names(description: string, marks: Marks = {}) {
  return Type.Array(Type.String(), { description, ...marks });
}

export function mapOf<V extends Type.TSchema>(description: string, values: V, marks: Marks = {}) {
  return Type.Record(Type.String(), values, { description, ...marks });
}

/** Dollars, 0 or more: read digit by digit, never as a float. */
export function money(description: string) {
  return Type.Number({
    description,
    minimum: 0,
    maximum: 9_000_000_000,
    expected: "an amount in dollars from 0 to 9000000000",
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

/** Anything: a part of a block that is not supported yet, whose inner shape does not concern us. */
export function anything(description: string, marks: Marks = {}) {
  return Type.Unknown({ description, ...marks });
}

/** A member that Bifrost has and we have not yet. */
export function later(what: string, standard?: boolean | number | string) {
  return Type.Unknown({ description: what, later: what, ...(standard === undefined ? {} : { default: standard }) });
}
