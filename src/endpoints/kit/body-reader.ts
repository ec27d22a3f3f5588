// Scans a request's body once, tells what is wrong with it, and keeps the positions for the patch that follows.
import { GatewayError } from "../../core/errors.ts";
import type { Exchange } from "../../core/exchange.ts";
import { type ItemOptions, JSON_TYPE, JsonScan, type ScanError } from "../../lib/json-scan.ts";
import { checkItems, scanFault, wrongType } from "./body-faults.ts";
import { readCallerOptions } from "./caller-options.ts";
import { isJson } from "./content-type.ts";
import { readFallbacks } from "./fallbacks.ts";
import { type Field, FieldChecks } from "./fields.ts";
import { checkModel } from "./model-name.ts";
import { pathModel } from "./path-model.ts";
import { readText } from "./text-value.ts";

/** Where a request names its model; in its path, what the body says of it does not count. */
export type ModelPlace = "body" | "path";

/** The fields that every body has in common; a body's own list begins with them, so their indexes are fixed. */
export const MODEL = 0;
export const FALLBACKS = 1;
export const EXTRA_PARAMS = 2;
const MODELS: Readonly<Record<ModelPlace, Field>> = {
  body: { name: "model", kind: "string", required: 'name a model, for example "openai/gpt-4o-mini"' },
  path: { name: "model", kind: "string" },
};
const COMMON: readonly Field[] = [
  { name: "fallbacks", kind: "list" },
  { name: "extra_params", kind: "object" },
];

/**
 * One for each kind of body, made once. The scan is shared by all requests: its positions belong to the exchange that
 * was read last. A patch right after decode, the usual case, finds them still there; a later one scans again.
 */
export class BodyReader {
  readonly scan: JsonScan;
  readonly #checks: FieldChecks;
  readonly #items: ItemOptions | undefined;
  readonly #place: ModelPlace;
  /** Id of the exchange that the positions belong to; a text, so that no finished exchange is kept alive. */
  #current = "";

  constructor(fields: readonly Field[], items?: ItemOptions, place: ModelPlace = "body") {
    this.#checks = new FieldChecks([MODELS[place], ...COMMON, ...fields]);
    this.#place = place;
    this.#items = items;
    this.scan = new JsonScan(
      this.#checks.fields.map((field) => field.name),
      items,
    );
  }

  /** Index of a field in the scan's arrays. */
  indexOf(name: string): number {
    return this.scan.indexOf(name);
  }

  /** Reads headers and body into the exchange: options, model, fallbacks. Throws GatewayError. */
  read(exchange: Exchange): void {
    readCallerOptions(exchange);
    const { body, headers } = exchange.request;
    const type = headers.get("content-type");
    if (type !== undefined && type !== "" && !isJson(type)) throw wrongType();
    this.#scanBody(exchange);
    const { bytes } = body;
    const { scan } = this;
    this.#checks.check(scan, bytes);
    if (this.#items !== undefined) checkItems(this.#items, scan);
    exchange.model =
      this.#place === "path"
        ? pathModel(exchange)
        : checkModel(readText(bytes, scan.starts[MODEL] as number, scan.ends[MODEL] as number));
    if (scan.types[FALLBACKS] === JSON_TYPE.array) exchange.fallbacks = readFallbacks(this.value(exchange, FALLBACKS));
  }

  /** The scan with the positions of this exchange's body. */
  positions(exchange: Exchange): JsonScan {
    if (this.#current !== exchange.id) this.#scanBody(exchange);
    return this.scan;
  }

  /** One field's value, parsed: for small fields off the usual path. The positions must be of this exchange. */
  value(exchange: Exchange, field: number): unknown {
    const { bytes } = exchange.request.body;
    return parse(bytes.toString("utf8", this.scan.starts[field], this.scan.ends[field]));
  }

  #scanBody(exchange: Exchange): void {
    const { bytes } = exchange.request.body;
    this.#current = "";
    if (bytes.length === 0) throw new GatewayError("invalid_json", "the request body is empty: send a JSON object");
    const { scan } = this;
    if (!scan.read(bytes)) throw scanFault(bytes, scan.error as ScanError);
    this.#current = exchange.id;
  }
}

/** The whole body as an object. Throws GatewayError. */
export function parseBody(exchange: Exchange): Record<string, unknown> {
  const { bytes } = exchange.request.body;
  return parse(bytes.toString("utf8")) as Record<string, unknown>;
}

/** The parser is stricter than the scan about control characters inside strings; its message would quote content. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new GatewayError("invalid_json", "the request body is not valid JSON: a string holds a control character");
  }
}
