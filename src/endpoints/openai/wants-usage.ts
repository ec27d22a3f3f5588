// Whether the caller of a stream asked for its usage: stream_options.include_usage.
import type { Exchange } from "../../core/exchange.ts";
import { JSON_TYPE } from "../../lib/json-scan.ts";
import type { BodyReader } from "../kit/body-reader.ts";

/** The two spellings that clients send, so that no parser is needed for them. */
const USAGE_WANTED: readonly Buffer[] = ['{"include_usage":true}', '{"include_usage": true}'].map((text) =>
  Buffer.from(text),
);

/** `field` is the index of stream_options; the reader's positions must be of this exchange. */
export function wantsUsage(exchange: Exchange, reader: BodyReader, field: number): boolean {
  const { scan } = reader;
  if (scan.types[field] !== JSON_TYPE.object) return false;
  const { bytes } = exchange.request.body;
  const from = scan.starts[field] as number;
  const to = scan.ends[field] as number;
  for (const known of USAGE_WANTED) if (to - from === known.length && known.compare(bytes, from, to) === 0) return true;
  const options = reader.value(exchange, field) as { include_usage?: unknown };
  return options.include_usage === true;
}
