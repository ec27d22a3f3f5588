// Renames top-level fields of a raw body for models that know them by another name.
import { GatewayError } from "../../core/errors.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { JsonEdit } from "../../lib/json-edit.ts";
import { JSON_TYPE, JsonScan } from "../../lib/json-scan.ts";
import type { BodyReader } from "./body-reader.ts";

type Renames = readonly (readonly [string, string])[];

/** Scans that know the reader's fields, at the same indexes, and those of a list of renames behind them. */
const scans = new WeakMap<Renames, Map<BodyReader, JsonScan>>();

function widerScan(reader: BodyReader, renames: Renames): JsonScan {
  let byReader = scans.get(renames);
  if (byReader === undefined) scans.set(renames, (byReader = new Map()));
  let scan = byReader.get(reader);
  if (scan === undefined) {
    scan = new JsonScan([...new Set([...reader.scan.names, ...renames.flat()])]);
    byReader.set(reader, scan);
  }
  return scan;
}

/** A scan of this body that knows the renamed fields too. Throws GatewayError when one of them stands twice. */
export function scanWithRenames(exchange: Exchange, reader: BodyReader, renames: Renames): JsonScan {
  const scan = widerScan(reader, renames);
  if (scan.read(exchange.request.body.bytes)) return scan;
  const field = scan.error?.field;
  throw new GatewayError("duplicate_field", `field ${JSON.stringify(field)} stands twice: send it once`, {
    param: field,
  });
}

/** Adds the edits; where the caller sent both names, the new one wins. */
export function addRenames(edits: JsonEdit[], bytes: Buffer, scan: JsonScan, renames: Renames): void {
  for (const [from, to] of renames) {
    const field = scan.indexOf(from);
    if (scan.types[field] === JSON_TYPE.absent) continue;
    edits.push({ type: "remove", field });
    if (scan.types[scan.indexOf(to)] !== JSON_TYPE.absent || isInserted(edits, to)) continue;
    edits.push({ type: "insert", name: to, json: bytes.toString("utf8", scan.starts[field], scan.ends[field]) });
  }
}

function isInserted(edits: readonly JsonEdit[], name: string): boolean {
  return edits.some((edit) => edit.type === "insert" && edit.name === name);
}
