// Reads how long an answer may become, how many are asked for and in which tier: what estimates of a request's cost need.
import type { Exchange } from "../../core/exchange.ts";
import { JSON_TYPE } from "../../lib/json-scan.ts";
import { readNumber } from "../../lib/json-tokens.ts";
import type { BodyReader } from "./body-reader.ts";

/** The fields of one kind of body; made once. Their kinds were checked before. */
export class AnswerSize {
  readonly #limits: readonly number[];
  readonly #counts: readonly number[];
  readonly #tier: number;

  /** `limits`: spellings of the longest answer. `counts`: of how many there are; the largest counts. */
  constructor(reader: BodyReader, limits: readonly string[], counts: readonly string[], tier: string) {
    this.#limits = limits.map((name) => reader.indexOf(name));
    this.#counts = counts.map((name) => reader.indexOf(name));
    this.#tier = reader.indexOf(tier);
  }

  read(exchange: Exchange, reader: BodyReader): void {
    const { bytes } = exchange.request.body;
    const { types, starts, ends } = reader.scan;
    for (const field of this.#limits)
      if (types[field] === JSON_TYPE.number) exchange.maxTokens = readNumber(bytes, starts[field]!, ends[field]!);
    for (const field of this.#counts)
      if (types[field] === JSON_TYPE.number)
        exchange.n = Math.max(exchange.n, readNumber(bytes, starts[field]!, ends[field]!));
    if (types[this.#tier] === JSON_TYPE.string)
      exchange.serviceTier = bytes.toString("latin1", starts[this.#tier]! + 1, ends[this.#tier]! - 1);
  }
}
