// Cuts the text out of the usual whole answer of OpenAI's dialect without making objects of it, for the request log.
import { JSON_TYPE, JsonScan } from "../../lib/json-scan.ts";

const answerScan = new JsonScan(["choices"], { array: "choices", fields: ["message"] });
const CONTENT = 0;
/** Where one of the others has a value the answer is more than one text. */
const messageScan = new JsonScan([
  "content",
  "tool_calls",
  "function_call",
  "refusal",
  "reasoning",
  "reasoning_content",
  "reasoning_details",
  "audio",
]);

/** The content of the one message; null: the answer is another one. */
export function plainText(bytes: Buffer): string | null {
  if (!answerScan.readPlain(bytes) || answerScan.itemCount !== 1 || answerScan.itemTypes[0] !== JSON_TYPE.object)
    return null;
  const message = bytes.subarray(answerScan.itemStarts[0], answerScan.itemEnds[0]);
  if (!messageScan.readPlain(message) || messageScan.types[CONTENT] !== JSON_TYPE.string) return null;
  for (let field = 1; field < messageScan.names.length; field++) {
    const type = messageScan.types[field];
    if (type !== JSON_TYPE.absent && type !== JSON_TYPE.null) return null;
  }
  const text = message.toString("utf8", messageScan.starts[CONTENT], messageScan.ends[CONTENT]);
  return text.includes("\\") ? (JSON.parse(text) as string) : text.slice(1, -1);
}
