// Gathers what is to be written in one turn of the event loop, and writes it all at its end.

/** Something that has bytes for a socket. */
export interface TurnTask {
  /** Called once for each `add`, after every socket that was readable in this turn has been read. */
  endTurn(): void;
}

/**
 * Sockets written one right after the other wake the process at their other end once, not once each: on a virtual
 * machine a wake-up costs more than the rest of the system call. With nothing else to read the turn ends at once.
 */
export class Turn {
  #tasks: TurnTask[] = [];
  readonly #onEnd: () => void;
  readonly #flush = (): void => this.flush();

  /** `onEnd`: called when every task of a turn is done and none waits for the next. */
  constructor(onEnd: () => void = () => {}) {
    this.#onEnd = onEnd;
  }

  add(task: TurnTask): void {
    if (this.#tasks.length === 0) setImmediate(this.#flush);
    this.#tasks.push(task);
  }

  flush(): void {
    const tasks = this.#tasks;
    this.#tasks = [];
    for (const task of tasks) task.endTurn();
    if (this.#tasks.length === 0) this.#onEnd();
  }
}
