// The filters that viewers watch through: equal ones are one, and each stays a while for those who come back.
import type { LiveFilter, LiveLens } from "../core/live-watch.ts";

/** Seconds that a filter is watched on after its last viewer left: whoever comes back within it has missed nothing. */
const LINGER = 15;

interface Lens extends LiveLens {
  readonly key: string;
  /** Of the newest event when it began: of what was before, it knows nothing. */
  readonly since: number;
  viewers: number;
  /** Seconds without a viewer. */
  idle: number;
}

export class LiveLenses {
  readonly #tell: (lenses: readonly LiveLens[]) => void;
  readonly #lenses = new Map<number, Lens>();
  #lastId = 0;

  /** `tell` is called with all of them when they change. */
  constructor(tell: (lenses: readonly LiveLens[]) => void) {
    this.#tell = tell;
  }

  get size(): number {
    return this.#lenses.size;
  }

  /** One more viewer. `lastId`: of the newest event. */
  open(filter: LiveFilter, lastId: number): { readonly id: number; readonly since: number } {
    const key = JSON.stringify(filter, Object.keys(filter).toSorted());
    for (const lens of this.#lenses.values()) {
      if (lens.key !== key) continue;
      lens.viewers++;
      lens.idle = 0;
      return lens;
    }
    const lens: Lens = { id: ++this.#lastId, filter, key, since: lastId, viewers: 1, idle: 0 };
    this.#lenses.set(lens.id, lens);
    this.#say();
    return lens;
  }

  /** One viewer less. */
  close(id: number): void {
    const lens = this.#lenses.get(id);
    if (lens !== undefined) lens.viewers = Math.max(0, lens.viewers - 1);
  }

  /** Called once a second. */
  tick(): void {
    let isChanged = false;
    for (const lens of this.#lenses.values()) {
      if (lens.viewers > 0 || ++lens.idle < LINGER) continue;
      isChanged = this.#lenses.delete(lens.id);
    }
    if (isChanged) this.#say();
  }

  #say(): void {
    this.#tell([...this.#lenses.values()].map(({ id, filter }) => ({ id, filter })));
  }
}
