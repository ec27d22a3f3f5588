// Puts the blocks of a streamed Anthropic answer one behind the other: in this dialect no block may begin before the last ended.

/** One block: `open` is its content_block_start's block, `deltas` what came for it while it waits for its turn. */
interface Block {
  readonly kind: "text" | "thinking" | "tool" | "whole";
  readonly open: object;
  /** Number of the tool call; -1 for others. */
  readonly call: number;
  readonly deltas: object[];
  /** Arguments of a tool call so far, to see whether they are whole. */
  text: string;
  /** Nothing more comes for it. */
  ended: boolean;
}

function sse(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

function isWhole(text: string): boolean {
  if (!text.trimEnd().endsWith("}")) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The first block streams, those behind it wait. Text and thinking end when something else begins; a tool call when its
 * arguments are a whole JSON value and another block waits, or with the answer.
 */
export class BlockQueue {
  readonly #blocks: Block[] = [];
  /** Index of the first block on the wire. */
  #index = 0;
  #opened = false;

  /** Adds to a text or thinking block, beginning one where the last block is another. */
  add(kind: "text" | "thinking", open: object, delta: object): string {
    const last = this.#blocks.at(-1);
    if (last?.kind === kind && !last.ended) return this.#delta(last, delta) + this.#advance();
    return this.#begin({ kind, open, call: -1, deltas: [delta], text: "", ended: false });
  }

  /** Ends the last block when it is of this kind (thinking ends with its signature). */
  end(kind: "thinking"): void {
    const last = this.#blocks.at(-1);
    if (last?.kind === kind) last.ended = true;
  }

  /** Adds a block that is whole at its beginning. */
  whole(open: object): string {
    return this.#begin({ kind: "whole", open, call: -1, deltas: [], text: "", ended: true });
  }

  tool(call: number, open: object): string {
    return this.#begin({ kind: "tool", open, call, deltas: [], text: "", ended: false });
  }

  /** Adds to the arguments of a tool call; what comes for one that has ended is nothing (its JSON was whole). */
  toolDelta(call: number, text: string): string {
    const block = this.#blocks.find((candidate) => candidate.call === call);
    if (block === undefined) return "";
    block.text += text;
    return this.#delta(block, { type: "input_json_delta", partial_json: text }) + this.#advance();
  }

  /** Ends all blocks. */
  finish(): string {
    for (const block of this.#blocks) block.ended = true;
    return this.#advance() + this.#close();
  }

  #begin(block: Block): string {
    const last = this.#blocks.at(-1);
    if (last !== undefined && last.kind !== "tool") last.ended = true;
    this.#blocks.push(block);
    return this.#advance() + this.#open();
  }

  /** Sends the delta when its block is the one that streams. */
  #delta(block: Block, delta: object): string {
    if (block === this.#blocks[0] && this.#opened) return sse("content_block_delta", { index: this.#index, delta });
    block.deltas.push(delta);
    return "";
  }

  /** Closes first blocks that have ended while others wait. */
  #advance(): string {
    let out = "";
    while (this.#blocks.length > 1) {
      const first = this.#blocks[0] as Block;
      if (!first.ended && !(first.kind === "tool" && isWhole(first.text))) break;
      out += this.#close() + this.#open();
    }
    return out;
  }

  #open(): string {
    const first = this.#blocks[0];
    if (first === undefined || this.#opened) return "";
    this.#opened = true;
    const index = this.#index;
    const deltas = first.deltas.splice(0).map((delta) => sse("content_block_delta", { index, delta }));
    return sse("content_block_start", { index, content_block: first.open }) + deltas.join("");
  }

  #close(): string {
    if (this.#blocks.length === 0) return "";
    const out = this.#open() + sse("content_block_stop", { index: this.#index++ });
    this.#blocks.shift();
    this.#opened = false;
    return out;
  }
}
