// A reply that keeps its answer instead of sending it: for requests that the door itself refuses.
import type { HeaderBlock, Reply, ReplyListener } from "../core/http.ts";
import type { Refusal } from "./gate.ts";

export class KeptReply implements Reply {
  listener: ReplyListener | null = null;
  readonly gone = false;
  started = false;
  /** What was answered; null as long as nothing was. */
  answered: Refusal | null = null;

  answer(status: number, headers: HeaderBlock, parts: readonly Uint8Array[], done?: () => void): void {
    this.started = true;
    this.answered = { status, headers, body: Buffer.concat(parts) };
    done?.();
  }
  start(): boolean {
    throw new Error("a refusal is no stream");
  }
  write(): boolean {
    throw new Error("a refusal is no stream");
  }
  end(): void {}
  fail(): void {}
}
