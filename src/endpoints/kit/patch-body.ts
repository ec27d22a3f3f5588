// Makes a target's body out of the client's bytes: model replaced, gateway fields taken out, the rest untouched.
import type { RawPatch } from "../../core/endpoint.ts";
import type { Exchange } from "../../core/exchange.ts";
import { editJson, type JsonEdit } from "../../lib/json-edit.ts";
import { JSON_TYPE, type JsonScan } from "../../lib/json-scan.ts";
import { type BodyReader, EXTRA_PARAMS, FALLBACKS, MODEL } from "./body-reader.ts";
import { extraMembers } from "./extra-params.ts";
import { addRenames, scanWithRenames } from "./rename.ts";

const MOST_MODELS = 1_000;
/** Model names as JSON, ready to be sent: the same few come again and again. */
const models = new Map<string, Buffer>();

function modelBytes(model: string): Buffer {
  let bytes = models.get(model);
  if (bytes === undefined) {
    if (models.size >= MOST_MODELS) models.clear();
    bytes = Buffer.from(JSON.stringify(model));
    models.set(model, bytes);
  }
  return bytes;
}

/**
 * The parts to be sent one after another. `streamOptions` is the index of that field, or -1 where the dialect has none.
 * Positions are looked up again when another request was read since.
 */
export function patchBody(
  exchange: Exchange,
  reader: BodyReader,
  patch: RawPatch,
  streamOptions: number,
): Uint8Array[] {
  const scan = reader.positions(exchange);
  const { bytes } = exchange.request.body;
  const addsOptions = patch.addStreamOptions && streamOptions >= 0;
  const hasGatewayFields = scan.types[FALLBACKS] !== 0 || scan.types[EXTRA_PARAMS] !== 0;
  const hasModel = scan.types[MODEL] !== JSON_TYPE.absent;
  if (hasModel && !hasGatewayFields && patch.renames.length === 0) {
    if (!addsOptions) return replaceModel(bytes, scan, patch.model);
    if (scan.types[streamOptions] === JSON_TYPE.absent) return replaceModelAndAsk(bytes, scan, patch.model);
  }
  const json = JSON.stringify(patch.model);
  // Where the path names the model the body may leave it out.
  const edits: JsonEdit[] = [
    hasModel ? { type: "replace", field: MODEL, json } : { type: "insert", name: "model", json },
  ];
  if (hasGatewayFields) {
    edits.push({ type: "remove", field: FALLBACKS }, { type: "remove", field: EXTRA_PARAMS });
    extraMembers(edits, exchange, reader);
  }
  if (addsOptions) addStreamOptions(edits, exchange, reader, streamOptions);
  if (patch.renames.length === 0) return editJson(bytes, scan, edits);
  const wider = scanWithRenames(exchange, reader, patch.renames);
  addRenames(edits, bytes, wider, patch.renames);
  return editJson(bytes, wider, edits);
}

/** The usual case: one field changes, or none. */
function replaceModel(bytes: Buffer, scan: JsonScan, model: string): Uint8Array[] {
  const json = modelBytes(model);
  const from = scan.starts[MODEL] as number;
  const to = scan.ends[MODEL] as number;
  if (to - from === json.length && json.compare(bytes, from, to) === 0) return [bytes];
  return [bytes.subarray(0, from), json, bytes.subarray(to)];
}

/** The end of a body that asks for usage. Model and messages stand before it, so the comma is right. */
const ASKING_END = Buffer.from(',"stream_options":{"include_usage":true}}');

/** The usual case of a stream. */
function replaceModelAndAsk(bytes: Buffer, scan: JsonScan, model: string): Uint8Array[] {
  const from = scan.starts[MODEL] as number;
  const to = scan.ends[MODEL] as number;
  return [bytes.subarray(0, from), modelBytes(model), bytes.subarray(to, scan.close), ASKING_END];
}

function addStreamOptions(edits: JsonEdit[], exchange: Exchange, reader: BodyReader, field: number): void {
  const json = '{"include_usage":true}';
  const type = reader.scan.types[field];
  if (type === JSON_TYPE.absent) edits.push({ type: "insert", name: "stream_options", json });
  else if (type === JSON_TYPE.null) edits.push({ type: "replace", field, json });
  else if (!exchange.includeUsage) {
    const options = { ...(reader.value(exchange, field) as object), include_usage: true };
    edits.push({ type: "replace", field, json: JSON.stringify(options) });
  }
}
