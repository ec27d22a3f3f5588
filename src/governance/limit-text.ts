// The lines of an answer's head that tell a caller of one limit, kept from request to request.

/** As the dialect of the caller spells them. */
export type LimitSpelling = "openai" | "anthropic";

const SECOND = 1000;
const MINUTE = 60;
const HOUR = 3600;
/** ms for which the lines of a busy limit are told again as they are: to make them for each request costs a microsecond. */
const FRESH = 5;

export class LimitText {
  #spelling: LimitSpelling | null = null;
  #limit = -1;
  #remaining = -1;
  #reset = -1;
  #resetText = "";
  #text = "";
  #madeAt = Number.NEGATIVE_INFINITY;

  /** The lines of a moment ago; null = they are to be made. `monotonic`: ms. */
  fresh(spelling: LimitSpelling, monotonic: number): string | null {
    return spelling === this.#spelling && monotonic - this.#madeAt < FRESH ? this.#text : null;
  }

  /** The lines as they are now; kept. */
  lines(spelling: LimitSpelling, kind: "requests" | "tokens", state: LimitState): string {
    const { limit, remaining, resetsAt, now } = state;
    this.#madeAt = state.monotonic;
    // of a window that slides the end moves with the clock: whole seconds do
    const from = spelling === "openai" ? now : 0;
    const reset = resetsAt === null ? 0 : Math.max(0, Math.ceil((resetsAt - from) / SECOND));
    const isReset = reset === this.#reset && spelling === this.#spelling;
    if (isReset && remaining === this.#remaining && limit === this.#limit) return this.#text;
    if (!isReset) this.#resetText = resetLine(spelling, kind, resetsAt === null ? null : reset);
    this.#spelling = spelling;
    this.#limit = limit;
    this.#remaining = remaining;
    this.#reset = reset;
    return (this.#text =
      spelling === "openai"
        ? `x-ratelimit-limit-${kind}: ${limit}\r\nx-ratelimit-remaining-${kind}: ${remaining}\r\n${this.#resetText}`
        : `anthropic-ratelimit-${kind}-limit: ${limit}\r\nanthropic-ratelimit-${kind}-remaining: ${remaining}\r\n${this.#resetText}`);
  }
}

/** How a limit stands. */
export interface LimitState {
  readonly limit: number;
  readonly remaining: number;
  /** Unix ms; null = it does not end. */
  readonly resetsAt: number | null;
  /** Unix ms. */
  readonly now: number;
  readonly monotonic: number;
}

/** `reset`: seconds to go to OpenAI's clients, a moment to Anthropic's. */
function resetLine(spelling: LimitSpelling, kind: string, reset: number | null): string {
  if (reset === null) return "";
  if (spelling === "openai") return `x-ratelimit-reset-${kind}: ${durationText(reset)}\r\n`;
  const moment = new Date(reset * SECOND).toISOString().replace(".000Z", "Z");
  return `anthropic-ratelimit-${kind}-reset: ${moment}\r\n`;
}

/** As Go writes durations: `1h2m3s`. */
function durationText(seconds: number): string {
  const hours = Math.floor(seconds / HOUR);
  const minutes = Math.floor((seconds % HOUR) / MINUTE);
  const rest = `${seconds % MINUTE}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}
