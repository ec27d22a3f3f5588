// Deals with `extra_params`: its members reach a provider as top-level fields where the caller asks for it by header.
import { GatewayError } from "../../core/errors.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { JsonEdit } from "../../lib/json-edit.ts";
import { JSON_TYPE, JsonScan } from "../../lib/json-scan.ts";
import { type BodyReader, EXTRA_PARAMS, parseBody } from "./body-reader.ts";
import { readSwitch } from "./caller-options.ts";

/** What decides where a request goes and how it is answered: only the fields at the top say that. */
const RESERVED: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "prompt",
  "input",
  "stream",
  "stream_options",
  "fallbacks",
  "extra_params",
  "__proto__",
]);
const HEADER = "x-bf-passthrough-extra-params";

function passesOn(exchange: Exchange): boolean {
  const header = exchange.request.headers.get(HEADER);
  return header !== undefined && readSwitch(HEADER, header);
}

/** Adds the members to a raw body's edits, spelled as they came; a field that stands at the top already wins. */
export function extraMembers(edits: JsonEdit[], exchange: Exchange, reader: BodyReader): void {
  const { bytes } = exchange.request.body;
  const { scan } = reader;
  if (scan.types[EXTRA_PARAMS] !== JSON_TYPE.object || !passesOn(exchange)) return;
  const extra = reader.value(exchange, EXTRA_PARAMS) as Record<string, unknown>;
  const names = Object.keys(extra).filter((name) => !RESERVED.has(name));
  const inner = new JsonScan(names, undefined, false);
  const top = new JsonScan(names, undefined, false);
  if (!inner.read(bytes, scan.starts[EXTRA_PARAMS], scan.ends[EXTRA_PARAMS]) || !top.read(bytes))
    throw twice(inner, top);
  for (const [index, name] of names.entries())
    if (top.types[index] === JSON_TYPE.absent)
      edits.push({ type: "insert", name, json: bytes.toString("utf8", inner.starts[index], inner.ends[index]) });
}

function twice(inner: JsonScan, top: JsonScan): GatewayError {
  const field = inner.error?.field ?? top.error?.field ?? "extra_params";
  return new GatewayError("duplicate_field", `field ${JSON.stringify(field)} stands twice: send it once`, {
    param: field,
  });
}

/** The parsed body without the gateway's own fields, and with the members of `extra_params` where they are asked for. */
export function withoutGatewayFields(exchange: Exchange, body: Record<string, unknown>): Record<string, unknown> {
  const { fallbacks: _fallbacks, extra_params: extra, ...rest } = body;
  if (typeof extra === "object" && extra !== null && passesOn(exchange))
    for (const [name, value] of Object.entries(extra))
      if (!RESERVED.has(name) && !Object.hasOwn(rest, name)) rest[name] = value;
  return rest;
}

/** The body as the canonical form reads it: parsed, the model where it may stand in the path alone. */
export function canonicalBody(exchange: Exchange): Record<string, unknown> {
  const body = withoutGatewayFields(exchange, parseBody(exchange));
  return typeof body["model"] === "string" ? body : { ...body, model: exchange.model };
}
