// The kinds of top-level fields that we know, and the check that a scanned body has each in its kind.
import { GatewayError } from "../../core/errors.ts";
import { JSON_TYPE, type JsonScan } from "../../lib/json-scan.ts";
import { readNumber } from "../../lib/json-tokens.ts";

/** `positive` and `whole` are whole numbers from 1 and from 0 on. Every optional field may be null; `any` is only looked at. */
export type FieldKind =
  | "string"
  | "boolean"
  | "number"
  | "positive"
  | "whole"
  | "list"
  | "object"
  | "string or list"
  | "any";

export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  /** What the message says after `NAME is required: `; absent = the field is optional and may be null. */
  readonly required?: string;
}

const bit = (...types: number[]): number => types.reduce((mask, type) => mask | (1 << type), 0);

const ACCEPTED: Record<FieldKind, number> = {
  string: bit(JSON_TYPE.string),
  boolean: bit(JSON_TYPE.true, JSON_TYPE.false),
  number: bit(JSON_TYPE.number),
  positive: bit(JSON_TYPE.number),
  whole: bit(JSON_TYPE.number),
  list: bit(JSON_TYPE.array),
  object: bit(JSON_TYPE.object),
  "string or list": bit(JSON_TYPE.string, JSON_TYPE.array),
  any: 0xff,
};

const WORDS: Record<FieldKind, string> = {
  string: "a string",
  boolean: "true or false",
  number: "a number",
  positive: "a whole number from 1 on",
  whole: "a whole number from 0 on",
  list: "a list",
  object: "an object",
  "string or list": "a string or a list",
  any: "anything",
};

/** By JSON_TYPE. */
const TYPE_WORDS = ["absent", "a string", "a number", "an object", "a list", "true", "false", "null"];

/** The checks of one kind of body, made once; `check` allocates nothing for a good body. */
export class FieldChecks {
  readonly fields: readonly Field[];
  /** By index of the field: a mask of the JSON types that may stand there. */
  readonly #masks: Int32Array;
  /** Indexes of the fields whose digits are looked at, and the least value of each. */
  readonly #counts: readonly number[];
  readonly #least: readonly number[];

  constructor(fields: readonly Field[]) {
    this.fields = fields;
    this.#masks = Int32Array.from(fields, ({ kind, required }) =>
      required === undefined ? ACCEPTED[kind] | bit(JSON_TYPE.absent, JSON_TYPE.null) : ACCEPTED[kind],
    );
    this.#counts = fields.flatMap(({ kind }, index) => (kind === "positive" || kind === "whole" ? [index] : []));
    this.#least = this.#counts.map((index) => (fields[index]?.kind === "positive" ? 1 : 0));
  }

  /** Throws GatewayError naming the first field at fault, in the order of the list. */
  check(scan: JsonScan, bytes: Buffer): void {
    for (let i = 0; i < this.#masks.length; i++)
      if (((this.#masks[i] as number) & (1 << (scan.types[i] as number))) === 0) throw this.#fault(i, scan);
    for (let i = 0; i < this.#counts.length; i++) {
      const field = this.#counts[i] as number;
      if (scan.types[field] === JSON_TYPE.number) this.#checkCount(field, this.#least[i] as number, scan, bytes);
    }
  }

  #checkCount(field: number, least: number, scan: JsonScan, bytes: Buffer): void {
    const value = readNumber(bytes, scan.starts[field] as number, scan.ends[field] as number);
    if (Number.isSafeInteger(value) && value >= least) return;
    const { name, kind } = this.fields[field] as Field;
    throw new GatewayError("invalid_request", `${name} must be ${WORDS[kind]}`, { param: name });
  }

  #fault(index: number, scan: JsonScan): GatewayError {
    const { name, kind, required } = this.fields[index] as Field;
    const type = scan.types[index] as number;
    if (type === JSON_TYPE.absent)
      return new GatewayError("missing_field", `${name} is required: ${required}`, { param: name });
    return new GatewayError("invalid_request", `${name} must be ${WORDS[kind]}, not ${TYPE_WORDS[type]}`, {
      param: name,
    });
  }
}

/** Nothing but white space between the brackets of bytes[from, to). */
export function isEmptyList(bytes: Buffer, from: number, to: number): boolean {
  for (let i = from + 1; i < to - 1; i++) if ((bytes[i] as number) > 32) return false;
  return true;
}
