// Looks at a whole OpenAI answer in its bytes, to pass it on or to refuse it.
import type { StopReason } from "../../core/chat.ts";
import type { AnswerView } from "../../core/formats.ts";
import { emptyUsage, type ToldUsage } from "../../core/usage.ts";
import { JSON_TYPE, JsonScan } from "../../lib/json-scan.ts";
import { errorOfJson } from "../decode-error.ts";
import { tellsError } from "./decode-response.ts";
import { decodeStopReason } from "./stop-reasons.ts";
import { readUsage, toldUsage } from "./usage.ts";

/** The fields that a scan for `refuse` and `answer` begins with. */
export const FIELDS = ["error", "usage", "model", "service_tier"];
const ERROR = 0;
const USAGE = 1;
const MODEL = 2;
const SERVICE_TIER = 3;
/** Index of the field that comes after them: the list that makes it an answer. */
export const LIST = 4;

/** One scan for all answers: each is read out before the next begins. */
const chatScan = new JsonScan([...FIELDS, "choices"], { array: "choices", fields: ["finish_reason", "message"] });

function valueOf(bytes: Buffer, scan: JsonScan, field: number): unknown {
  if (scan.types[field] === JSON_TYPE.absent) return undefined;
  return JSON.parse(bytes.toString("utf8", scan.starts[field], scan.ends[field]));
}

/** The JSON string bytes[from, to) with its quotes; names and words are plain ASCII almost always. */
function textOf(bytes: Buffer, from = 0, to = 0): string {
  const text = bytes.toString("utf8", from, to);
  return text.includes("\\") ? (JSON.parse(text) as string) : text.slice(1, -1);
}

/** The verdict on an answer that is none; null: go on. */
export function refuse(bytes: Buffer, scan: JsonScan): AnswerView | null {
  if (!scan.read(bytes)) return { type: "invalid", reason: `the answer is no valid JSON: ${scan.error?.message}` };
  const error = valueOf(bytes, scan, ERROR);
  return tellsError(error) ? toldError(error) : null;
}

function toldError(error: unknown): AnswerView {
  return {
    type: "error",
    error: errorOfJson({ error }) ?? { message: "the provider told an error without a message" },
  };
}

export const NO_CHOICES: AnswerView = { type: "invalid", reason: "the answer has no choices" };
const NO_MESSAGE: AnswerView = { type: "invalid", reason: "a choice of the answer has no message" };

const NOTHING_TOLD: ToldUsage = { usage: emptyUsage(), report: null };

function told(bytes: Buffer, scan: JsonScan): ToldUsage {
  if (scan.types[USAGE] !== JSON_TYPE.object) return NOTHING_TOLD;
  const tier =
    scan.types[SERVICE_TIER] === JSON_TYPE.string
      ? textOf(bytes, scan.starts[SERVICE_TIER], scan.ends[SERVICE_TIER])
      : undefined;
  return readUsage(bytes, scan.starts[USAGE] as number, scan.ends[USAGE] as number, tier);
}

/** The view of an answer that is one; the scan is still as `refuse` left it. */
export function answer(bytes: Buffer, scan: JsonScan, stopReason: StopReason | null): AnswerView {
  const { usage, report } = told(bytes, scan);
  return {
    type: "answer",
    usage,
    report,
    stopReason,
    model: scan.types[MODEL] === JSON_TYPE.string ? textOf(bytes, scan.starts[MODEL], scan.ends[MODEL]) : null,
    spliceAt: scan.close,
  };
}

/** The stop reason of the last choice: the first of the item fields that the scan was made with. */
export function stopReasonOf(bytes: Buffer, scan: JsonScan): StopReason | null {
  if (scan.itemTypes[0] !== JSON_TYPE.string) return null;
  return decodeStopReason(textOf(bytes, scan.itemStarts[0], scan.itemEnds[0]), false);
}

/** Up to this size what is unusual is parsed whole, bytes. */
const SMALL = 16 * 1024;
const BRACE = 125;

interface SmallChoice {
  readonly finish_reason?: unknown;
  readonly message?: unknown;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The same look at a small answer, parsed whole. */
function inspectSmall(bytes: Buffer): AnswerView {
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString("utf8"));
  } catch {
    return { type: "invalid", reason: "the answer is no valid JSON" };
  }
  if (!isObject(body)) return { type: "invalid", reason: "the answer is no valid JSON: must be a JSON object" };
  const { error, choices, model } = body;
  if (tellsError(error)) return toldError(error);
  if (!Array.isArray(choices) || choices.length === 0) return NO_CHOICES;
  const list = choices as readonly unknown[];
  if (!list.every((choice) => isObject(choice) && isObject(choice["message"]))) return NO_MESSAGE;
  const word = (list.at(-1) as SmallChoice).finish_reason;
  return {
    type: "answer",
    ...(toldUsage(body["usage"], body["service_tier"]) ?? NOTHING_TOLD),
    stopReason: typeof word === "string" ? decodeStopReason(word, false) : null,
    model: typeof model === "string" ? model : null,
    spliceAt: bytes.lastIndexOf(BRACE),
  };
}

/** Whether the scan found the usual answer: one choice with a message, and no error. */
function isUsual(scan: JsonScan): boolean {
  return (
    scan.types[ERROR] === JSON_TYPE.absent &&
    scan.types[LIST] === JSON_TYPE.array &&
    scan.itemCount === 1 &&
    scan.itemTypes[1] === JSON_TYPE.object
  );
}

/** Looks at a chat answer. */
export function inspect(bytes: Buffer): AnswerView {
  const scan = chatScan;
  if (bytes.length <= SMALL)
    return scan.readPlain(bytes) && isUsual(scan)
      ? answer(bytes, scan, stopReasonOf(bytes, scan))
      : inspectSmall(bytes);
  const refused = refuse(bytes, scan);
  if (refused !== null) return refused;
  if (scan.types[LIST] !== JSON_TYPE.array || scan.itemCount === 0) return NO_CHOICES;
  if (scan.nonObject >= 0 || scan.itemTypes[1] !== JSON_TYPE.object) return NO_MESSAGE;
  return answer(bytes, scan, stopReasonOf(bytes, scan));
}
