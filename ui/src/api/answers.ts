// Keeps what the API told for everybody who shows it: who asks, who gave up, whose answer counts.
import { type Signal, signal } from "@preact/signals";
import { type ApiError, toApiError } from "./errors.ts";

/** Reads an address; rejects when the signal is aborted. */
export type Ask = (path: string, signal: AbortSignal) => Promise<unknown>;

/** An address, and what came from it. */
export interface Answer {
  readonly path: string;
  data: unknown;
  error: ApiError | null;
  /** When the data came, Unix ms; 0: it does not count as fresh. */
  at: number;
  /** The call that is under way; only its answer counts. */
  call: Call | null;
  users: number;
  /** Rises with each change. */
  readonly changed: Signal<number>;
}

interface Call {
  readonly abort: AbortController;
  done: Promise<void>;
}

/** Answers that nobody shows any more are kept so many at most. */
const MOST_KEPT = 60;
/** ms in which an answer is taken as it is when another component asks the same. */
const FRESH = 1_000;

export class Answers {
  /** How many of the answers that are shown have never come yet. */
  readonly awaited = signal(0);
  readonly #kept = new Map<string, Answer>();
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  of(path: string): Answer {
    const found = this.#kept.get(path);
    if (found !== undefined) return found;
    const made: Answer = { path, data: undefined, error: null, at: 0, call: null, users: 0, changed: signal(0) };
    this.#kept.set(path, made);
    for (const [old, answer] of this.#kept) {
      if (this.#kept.size <= MOST_KEPT) break;
      if (answer.users === 0 && old !== path) this.#kept.delete(old);
    }
    return made;
  }

  /** Somebody shows it: it is asked for unless it is fresh or under way. The answer gives it up. */
  use(answer: Answer): () => void {
    answer.users++;
    this.#count();
    if (answer.call === null && Date.now() - answer.at > FRESH) void this.ask(answer);
    return () => {
      answer.users--;
      this.#count();
      if (answer.users > 0 || answer.call === null) return;
      const { abort } = answer.call;
      // what was asked for and given up may have been about a change: the next one who shows it asks anew
      Object.assign(answer, { call: null, at: 0 });
      abort.abort();
    };
  }

  /** Asks now; an older call is given up. Resolves when the newest call has ended, which may be a later one. */
  ask(answer: Answer): Promise<void> {
    answer.call?.abort.abort();
    const call: Call = { abort: new AbortController(), done: Promise.resolve() };
    answer.call = call;
    this.tell(answer);
    call.done = this.#take(answer, call);
    return call.done;
  }

  async #take(answer: Answer, call: Call): Promise<void> {
    const { signal: given } = call.abort;
    const changes = await this.#ask(answer.path, given).then(
      (data) => ({ data, error: null, at: Date.now() }),
      (error: unknown) => ({ error: toApiError(error) }),
    );
    // whoever waits for this one wants the newest
    if (answer.call !== call) return await answer.call?.done;
    Object.assign(answer, changes, { call: null });
    this.tell(answer);
  }

  /** Asks anew for every address that is shown and begins so; what is not shown is forgotten. */
  async refresh(prefix: string): Promise<void> {
    const meant = [...this.#kept.values()].filter(({ path }) => path.startsWith(prefix));
    for (const { path, users } of meant) if (users === 0) this.#kept.delete(path);
    await Promise.all(meant.filter(({ users }) => users > 0).map((answer) => this.ask(answer)));
  }

  /** Something about it changed. */
  tell(answer: Answer): void {
    this.#count();
    answer.changed.value = answer.changed.peek() + 1;
  }

  #count(): void {
    let missing = 0;
    for (const { users, data, error } of this.#kept.values())
      if (users > 0 && data === undefined && error === null) missing++;
    this.awaited.value = missing;
  }
}
