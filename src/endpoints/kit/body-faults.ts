// Words what is wrong with a body: its type, its syntax, its list of messages.
import { GatewayError } from "../../core/errors.ts";
import type { ItemOptions, JsonScan, ScanError } from "../../lib/json-scan.ts";

/** Refuses an empty list and the first element that is no object or has no label. */
export function checkItems(items: ItemOptions, scan: JsonScan): void {
  const { array, fields } = items;
  if (scan.itemCount === 0) throw new GatewayError("invalid_request", `${array} must not be empty`, { param: array });
  if (scan.nonObject < 0 && scan.unlabelled < 0) return;
  const isObjectFault = scan.unlabelled < 0 || (scan.nonObject >= 0 && scan.nonObject < scan.unlabelled);
  const param = isObjectFault ? `${array}[${scan.nonObject}]` : `${array}[${scan.unlabelled}].${fields[0]}`;
  throw new GatewayError("invalid_request", `${param} must be ${isObjectFault ? "an object" : "a string"}`, { param });
}

/** A content type was sent, and it is not JSON. */
export function wrongType(): GatewayError {
  return new GatewayError(
    "unsupported_media_type",
    "the request body must be JSON: send the header content-type: application/json",
    { param: "content-type" },
  );
}

/** What the scan refused, with line and column and without any content. */
export function scanFault(bytes: Buffer, error: ScanError): GatewayError {
  if (error.kind === "duplicate")
    return new GatewayError("duplicate_field", `${error.message} in the request body: send it once`, {
      param: error.field,
    });
  if (error.message.startsWith("must be a JSON object"))
    return new GatewayError("invalid_json", "the request body must be a JSON object");
  const where = ` at byte ${error.position}`;
  const reason = error.message.endsWith(where) ? error.message.slice(0, -where.length) : error.message;
  const { line, column } = lineAndColumn(bytes, error.position);
  return new GatewayError(
    "invalid_json",
    `the request body is not valid JSON: ${reason.replace(/^invalid JSON: /, "")} at line ${line}, column ${column}`,
  );
}

/** Both from 1; a column is a character, not a byte. */
function lineAndColumn(bytes: Buffer, position: number): { line: number; column: number } {
  let line = 1;
  let column = 1;
  const end = Math.min(position, bytes.length);
  for (let i = 0; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte === 10) {
      line++;
      column = 1;
    } else if ((byte & 0xc0) !== 0x80) column++;
  }
  return { line, column };
}
