// Carries whole requests and answers (content level `full`) to the control plane: behind their rows, within a limit, never waited for.
import type { Exchange } from "../core/exchange.ts";
import type { ContentMessage } from "../core/plane-messages.ts";
import { RECORD_LIMITS } from "../core/record.ts";
import type { WholeContent } from "../core/stores.ts";

/** What may be queued and under way together, bytes. */
const MOST_BYTES = 64 * 1024 * 1024;

export interface WholeContentsOptions {
  /** False when there is nobody to send to. */
  readonly send: (message: ContentMessage, transfer: readonly ArrayBuffer[]) => boolean;
  /** For tests. */
  readonly maxBytes?: number;
}

/** How much of an exchange's body and answer is kept. */
function sizesOf({ request, answer }: Exchange): { input: number; output: number } {
  const input = Math.min(request.body.bytes.length, RECORD_LIMITS.whole);
  return { input, output: Math.min(answer === null ? 0 : answer.length, RECORD_LIMITS.whole - input) };
}

/** A copy that can be transferred: nothing else lies in its memory. */
function copyOf(bytes: Buffer | null, length: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(new ArrayBuffer(length));
  if (bytes !== null) copy.set(bytes.subarray(0, length));
  return copy;
}

export function contentBytes({ input, output }: WholeContent): number {
  return input.byteLength + output.byteLength;
}

export class WholeContents {
  readonly #send: WholeContentsOptions["send"];
  readonly #limit: number;
  #waiting: WholeContent[] = [];
  #waitingBytes = 0;
  #underWay = 0;

  constructor(options: WholeContentsOptions) {
    this.#send = options.send;
    this.#limit = options.maxBytes ?? MOST_BYTES;
  }

  /** Some wait to be sent. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Bytes that the control plane has not let go yet. */
  get underWay(): number {
    return this.#underWay;
  }

  /** There is room for this one. */
  hasRoomFor(exchange: Exchange): boolean {
    const { input, output } = sizesOf(exchange);
    return this.#waitingBytes + this.#underWay + input + output <= this.#limit;
  }

  /** Copies body and answer: both belong to others after it. */
  add(exchange: Exchange): void {
    const { request, answer, answerCut } = exchange;
    const { input, output } = sizesOf(exchange);
    this.#waitingBytes += input + output;
    this.#waiting.push({
      id: exchange.id,
      acceptedAt: exchange.acceptedAt,
      input: copyOf(request.body.bytes, input),
      inputCut: input < request.body.bytes.length,
      output: copyOf(answer, output),
      outputCut: answerCut || (answer !== null && output < answer.length),
      outputIsStream: exchange.answerIsStream,
      outputDialect: exchange.answerDialect,
    });
  }

  /** Sends what waits, once the rows are sent that it belongs to. Returns how many were lost with a channel that closed. */
  flush(): number {
    let lost = 0;
    while (this.#waiting.length > 0) {
      const content = this.#waiting[0] as WholeContent;
      const bytes = contentBytes(content);
      const buffers = [content.input.buffer, content.output.buffer] as ArrayBuffer[];
      const isSent = this.#send({ type: "content", content }, buffers);
      if (!isSent && contentBytes(content) === bytes) break;
      this.#waiting.shift();
      this.#waitingBytes -= bytes;
      if (isSent) this.#underWay += bytes;
      else lost++;
    }
    return lost;
  }

  /** The control plane has let go so many bytes. */
  release(bytes: number): void {
    this.#underWay = Math.max(0, this.#underWay - bytes);
  }

  /** The control plane began anew: what was under way is gone with the old one. */
  restart(): void {
    this.#underWay = 0;
  }
}
