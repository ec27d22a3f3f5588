// Virtual keys on their way into a version for the loop: from the store, or from the file while they are stored.
import { virtualKeyEntity } from "../config/book/virtual-key-entry.ts";
import type { Environment } from "../config/reading.ts";
import type { StoredEntry } from "../core/config-store.ts";
import type { VersionStream } from "./publisher.ts";

/** Counts them, and sends them on unless the loop has them already. */
export class KeyStream {
  readonly stream: VersionStream;
  readonly #environment: Environment;
  readonly #isHeld: boolean;
  #count = 0;

  constructor(stream: VersionStream, environment: Environment, isHeld = false) {
    this.stream = stream;
    this.#environment = environment;
    this.#isHeld = isHeld;
  }

  get count(): number {
    return this.#count;
  }

  /** All of them come again. */
  restart(): void {
    if (this.#count > 0) this.stream.restart();
    this.#count = 0;
  }

  add(entry: StoredEntry): void {
    this.#count++;
    if (!this.#isHeld) this.stream.add(virtualKeyEntity(entry, this.#environment));
  }
}
