// Who the body says that a request is for, where no header says it.
import type { Exchange } from "../../core/exchange.ts";
import { JSON_TYPE } from "../../lib/json-scan.ts";
import type { BodyReader } from "./body-reader.ts";
import { tidy } from "./caller-facts.ts";
import type { Field } from "./fields.ts";
import { readText } from "./text-value.ts";

/** OpenAI's fields for it, to stand among those of a body. The provider judges them, not we. */
export const USER_FIELDS: readonly Field[] = [
  { name: "safety_identifier", kind: "any" },
  { name: "user", kind: "any" },
];

/** Longer ones are nobody's name, bytes. */
const LONGEST = 4096;

/** Reads the fields of USER_FIELDS of a body. */
export function readUser(exchange: Exchange, reader: BodyReader, safetyIdentifier: number, user: number): void {
  if (exchange.userId !== null) return;
  exchange.userId = textAt(exchange, reader, safetyIdentifier) ?? textAt(exchange, reader, user);
}

function textAt(exchange: Exchange, { scan }: BodyReader, field: number): string | null {
  if (scan.types[field] !== JSON_TYPE.string) return null;
  const from = scan.starts[field] as number;
  const to = scan.ends[field] as number;
  return to - from > LONGEST ? null : tidy(readText(exchange.request.body.bytes, from, to));
}

/** Anthropic's `metadata.user_id`. */
export function readMetadataUser(exchange: Exchange, reader: BodyReader, metadata: number): void {
  const { scan } = reader;
  if (exchange.userId !== null || scan.types[metadata] !== JSON_TYPE.object) return;
  if ((scan.ends[metadata] as number) - (scan.starts[metadata] as number) > LONGEST) return;
  const { user_id: user } = reader.value(exchange, metadata) as { user_id?: unknown };
  if (typeof user === "string") exchange.userId = tidy(user);
}
