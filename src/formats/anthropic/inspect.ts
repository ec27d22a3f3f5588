// Looks at a whole Anthropic answer in its bytes, to pass it on or to refuse it.
import type { AnswerView } from "../../core/formats.ts";
import { emptyUsage } from "../../core/usage.ts";
import { JSON_TYPE, JsonScan } from "../../lib/json-scan.ts";
import { errorOfJson } from "../decode-error.ts";
import { decodeStopReason } from "./stop-reasons.ts";
import { toldUsage } from "./usage.ts";

/** One scan for all answers: each is read out before the next begins. */
const scan = new JsonScan(["type", "error", "content", "stop_reason", "usage", "model"]);
const TYPE = 0;
const ERROR = 1;
const CONTENT = 2;
const STOP_REASON = 3;
const USAGE = 4;
const MODEL = 5;

function valueOf(bytes: Buffer, field: number): unknown {
  if (scan.types[field] === JSON_TYPE.absent) return undefined;
  return JSON.parse(bytes.toString("utf8", scan.starts[field], scan.ends[field]));
}

export function inspect(bytes: Buffer): AnswerView {
  if (!scan.read(bytes)) return { type: "invalid", reason: `the answer is no valid JSON: ${scan.error?.message}` };
  const type = valueOf(bytes, TYPE);
  const error = valueOf(bytes, ERROR);
  if (type === "error" || (error !== undefined && error !== null))
    return {
      type: "error",
      error: errorOfJson({ error }) ?? { message: "the provider told an error without a message" },
    };
  if (type !== "message") return { type: "invalid", reason: "the answer is no message" };
  if (scan.types[CONTENT] !== JSON_TYPE.array) return { type: "invalid", reason: "the answer has no content" };
  const reason = valueOf(bytes, STOP_REASON);
  const model = valueOf(bytes, MODEL);
  return {
    type: "answer",
    ...(toldUsage(valueOf(bytes, USAGE)) ?? { usage: emptyUsage(), report: null }),
    stopReason: typeof reason === "string" ? decodeStopReason(reason) : null,
    model: typeof model === "string" ? model : null,
    spliceAt: scan.close,
  };
}
