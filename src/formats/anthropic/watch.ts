// Looks at the events of a raw Anthropic stream.
import type { EventView, StreamWatch } from "../../core/formats.ts";
import { errorOfJson } from "../decode-error.ts";
import { isObject, type JsonObject } from "../read.ts";
import { decodeStopReason } from "./stop-reasons.ts";
import { messageTextBytes } from "./text-bytes.ts";
import { toldUsage, UsageCounts } from "./usage.ts";

/** How the data of plain content begins, as the usual servers space it. Any other spacing costs a parse, no more. */
const PLAIN: readonly Buffer[] = ['{"type":"content_block_', '{"type": "content_block_'].map((text) =>
  Buffer.from(text),
);

function parse(data: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

class AnthropicWatch implements StreamWatch {
  readonly textName = '"text":"';
  readonly textBytes = messageTextBytes;
  readonly #counts = new UsageCounts();
  /** Content was seen: block starts need not be told from deltas any more. */
  #content = false;
  /** What comes before its message_start or after its stop reason belongs to no message. */
  #started = false;
  #ended = false;

  isNotable(bytes: Buffer, from: number, to: number): boolean {
    if (!this.#content || this.#ended || bytes[to - 1] !== 125) return true;
    return !PLAIN.some((plain) => to - from > plain.length && plain.compare(bytes, from, from + plain.length) === 0);
  }

  view(name: string, data: string): EventView {
    const event = parse(data);
    if (event === null) return { type: "invalid" };
    const type = event["type"] ?? name;
    if (type === "error" || name === "error")
      return {
        type: "error",
        error: errorOfJson(event) ?? { message: "the provider told an error without a message" },
        ...toldUsage(event["usage"]),
      };
    if (type === "message_start") this.#started = true;
    if (!this.#started && type !== "ping") return { type: "invalid" };
    if (type === "message_start") return this.#begin(event["message"]);
    if (type === "message_stop") return { type: "end" };
    if (type === "message_delta") return this.#finish(event);
    if (type !== "content_block_delta") return { type: "preface" };
    if (this.#ended) return { type: "invalid" };
    this.#content = true;
    return { type: "content" };
  }

  /** The output is counted at the end: what is told of it here is no count of what comes. */
  #begin(message: unknown): EventView {
    const view = this.#counted("preface", isObject(message) ? message["usage"] : null);
    return view.usage === undefined ? view : { ...view, usage: { ...view.usage, outputTokens: null } };
  }

  #finish(event: JsonObject): EventView {
    const delta = event["delta"];
    const reason = isObject(delta) ? delta["stop_reason"] : null;
    if (typeof reason !== "string") return this.#counted("usage", event["usage"]);
    this.#ended = true;
    return { ...this.#counted("finish", event["usage"]), stopReason: decodeStopReason(reason) };
  }

  /** The counts so far ride along: those of the end leave out what the start told. */
  #counted(type: EventView["type"], usage: unknown): EventView {
    if (!isObject(usage)) return { type };
    this.#counts.take(usage);
    return { type, ...this.#counts.told };
  }
}

/** A new watch, for one stream. */
export function watch(): StreamWatch {
  return new AnthropicWatch();
}
