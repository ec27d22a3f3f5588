// A reply whose answers all begin with the same header lines, so that nobody behind the door can forget them.
import type { HeaderBlock, Reply, ReplyListener } from "../core/http.ts";
import { joinBlocks } from "../lib/header-block.ts";

export class CommonReply implements Reply {
  readonly #reply: Reply;
  readonly #common: HeaderBlock;

  constructor(reply: Reply, common: HeaderBlock) {
    this.#reply = reply;
    this.#common = common;
  }

  get listener(): ReplyListener | null {
    return this.#reply.listener;
  }
  set listener(listener: ReplyListener | null) {
    this.#reply.listener = listener;
  }
  get gone(): boolean {
    return this.#reply.gone;
  }
  get started(): boolean {
    return this.#reply.started;
  }

  answer(status: number, headers: HeaderBlock, parts: readonly Uint8Array[], done?: () => void): void {
    this.#reply.answer(status, joinBlocks(this.#common, headers), parts, done);
  }
  start(status: number, headers: HeaderBlock, first: readonly Uint8Array[]): boolean {
    return this.#reply.start(status, joinBlocks(this.#common, headers), first);
  }
  write(parts: readonly Uint8Array[]): boolean {
    return this.#reply.write(parts);
  }
  end(): void {
    this.#reply.end();
  }
  fail(): void {
    this.#reply.fail();
  }
}
