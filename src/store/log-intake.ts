// Takes what the loop hands over for the request log, and gives its memory back.
import type { ContentMessage, ControlToLoop, RecordsMessage } from "../core/plane-messages.ts";
import type { LogWriter } from "../core/stores.ts";

export interface LogIntakeOptions {
  /** null: there is no log; what comes is let go. */
  readonly writer: () => LogWriter | null;
  readonly send: (message: ControlToLoop, transfer?: readonly ArrayBuffer[]) => unknown;
  /** Told with each buffer what the loop had to give up since the last one. */
  readonly lost: (rows: number, contents: number) => void;
}

export class LogIntake {
  readonly #options: LogIntakeOptions;

  constructor(options: LogIntakeOptions) {
    this.#options = options;
  }

  /** The buffer goes back whatever became of its records. */
  takeRecords({ buffer, firstWord, words, dropped, droppedContent }: RecordsMessage): void {
    const { writer, send, lost } = this.#options;
    lost(dropped, droppedContent);
    try {
      writer()?.write(buffer, firstWord, words);
    } finally {
      send({ type: "records-free", buffer }, [buffer]);
    }
  }

  /** The bytes count as under way until the writer has let them go. */
  takeContent({ content }: ContentMessage): void {
    const writer = this.#options.writer();
    const bytes = content.input.byteLength + content.output.byteLength;
    const done = (): void => void this.#options.send({ type: "content-free", bytes });
    if (writer === null) done();
    else writer.writeContent(content, done);
  }
}
