// The log as the control plane writes it: rows that are deleted, and a count of what had to be left out.
import { GatewayError } from "../core/errors.ts";
import { type LogWriter, StoreRefusedError } from "../core/stores.ts";

/** What was left out of the log since the start. */
export interface DroppedRecords {
  /** Requests without a row: for want of a buffer on the loop, for want of room in the writer. */
  readonly onLoop: number;
  readonly inWriter: number;
  /** Requests with a row whose content was left out. */
  readonly content: number;
}

export class WrittenLog {
  readonly #writer: () => LogWriter | null;
  readonly #onLost: (rows: number, contents: number) => void;
  #onLoop = 0;
  #contentOnLoop = 0;

  /** `writer` gives null where no request log is written; `onLost` is told of each loss on the loop. */
  constructor(writer: () => LogWriter | null, onLost: (rows: number, contents: number) => void) {
    this.#writer = writer;
    this.#onLost = onLost;
  }

  /** The loop had no free buffer for so many records, and no room for so many contents whose rows it kept. */
  lost(rows: number, contents = 0): void {
    if (rows === 0 && contents === 0) return;
    this.#onLoop += rows;
    this.#contentOnLoop += contents;
    this.#onLost(rows, contents);
  }

  get dropped(): DroppedRecords {
    const writer = this.#writer();
    const content = this.#contentOnLoop + (writer?.droppedContent ?? 0);
    return { onLoop: this.#onLoop, inWriter: writer?.dropped ?? 0, content };
  }

  /** How many of these rows there were. Throws GatewayError when they cannot be deleted. */
  remove(ids: readonly string[]): number {
    const writer = this.#writer();
    if (writer === null) throw new GatewayError("conflict", "requests are not logged here: there is nothing to delete");
    try {
      return writer.remove(ids);
    } catch (error) {
      if (!(error instanceof StoreRefusedError)) throw error;
      throw new GatewayError("control_plane_unavailable", `the request log cannot be written: ${error.reason}`, {
        retryAfter: 5,
        cause: error,
      });
    }
  }
}
