// Sends versions of the configuration to the loop in slices that cost it little, and tells when one is in force.
import { setTimeout as pause } from "node:timers/promises";
import type { Entity, VirtualKeyEntity } from "../core/entities.ts";
import type { ControlToLoop, SnapshotReplaces } from "../core/plane-messages.ts";
import { buffersOf, packVirtualKeys } from "../core/virtual-key-codec.ts";

/** What a slice may cost the loop, in units of one virtual key (about 2 µs, 4 with what it replaces): below 2 ms. */
const SLICE = 500;
/** ms between slices while requests are served. */
const PACE = 4;

export interface Opening {
  readonly version: number;
  /** Requests are being served: leave the loop time between slices. */
  readonly paced: boolean;
  /** What the loop forgets first; absent = nothing. */
  readonly replaces?: SnapshotReplaces;
}

export interface Publication extends Opening {
  readonly upserts: readonly Entity[];
  readonly removes: readonly string[];
  /** Of the store, see `snapshot` of core/plane-messages. */
  readonly revision: number;
}

/** What `transfer` holds is handed over with the message, not copied. */
export type SendToLoop = (message: ControlToLoop, transfer?: readonly ArrayBuffer[]) => boolean;

/** One for the control plane. */
export class Publisher {
  readonly #send: SendToLoop;
  readonly #waiting = new Map<number, () => void>();

  constructor(send: SendToLoop) {
    this.#send = send;
  }

  /** Begins a version whose entities come one by one. */
  open(opening: Opening): VersionStream {
    return new VersionStream(opening, this.#send, (version) => this.#acknowledged(version));
  }

  /** Resolves when the loop serves this version. */
  async publish(publication: Publication): Promise<void> {
    const stream = this.open(publication);
    for (const id of publication.removes) stream.remove(id);
    for (const entity of publication.upserts) stream.add(entity);
    await stream.close(publication.revision);
  }

  #acknowledged(version: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.set(version, resolve);
    return promise;
  }

  /** The loop acknowledged `version`. */
  applied(version: number): void {
    this.#waiting.get(version)?.();
    this.#waiting.delete(version);
  }
}

type Slice = Extract<ControlToLoop, { type: "snapshot" }>;

/** A version on its way: removes come before what is added. */
export class VersionStream {
  readonly #opening: Opening;
  readonly #send: SendToLoop;
  readonly #acknowledged: (version: number) => Promise<void>;
  #upserts: Entity[] = [];
  #keys: VirtualKeyEntity[] = [];
  #removes: string[] = [];
  #cost = 0;
  /** What the loop forgets with the next slice. */
  #replaces: SnapshotReplaces | undefined;
  /** Slices that wait for their pace. */
  #held: Slice[] = [];

  constructor(opening: Opening, send: SendToLoop, acknowledged: (version: number) => Promise<void>) {
    this.#opening = opening;
    this.#replaces = opening.replaces;
    this.#send = send;
    this.#acknowledged = acknowledged;
  }

  /** Nothing that was added counts any more, be it on its way already. */
  restart(): void {
    this.#held = [];
    this.#slice();
    this.#replaces = "everything";
  }

  remove(id: string): void {
    this.#make(1);
    this.#removes.push(id);
  }

  add(entity: Entity): void {
    this.#make(priceOf(entity));
    if (entity.kind === "virtual-key") this.#keys.push(entity);
    else this.#upserts.push(entity);
  }

  /** Resolves when the loop serves the version. `revision`: what the store held; undefined = another state than this. */
  async close(revision: number | undefined): Promise<void> {
    const done = this.#acknowledged(this.#opening.version);
    for (const slice of this.#held) {
      this.#sendSlice(slice);
      await pause(PACE);
    }
    this.#held = [];
    this.#sendSlice({ ...this.#slice(), last: true, ...(revision === undefined ? {} : { revision }) });
    await done;
  }

  #sendSlice(slice: Slice): void {
    this.#send(slice, slice.keys === undefined ? [] : buffersOf(slice.keys));
  }

  #make(price: number): void {
    if (this.#cost > 0 && this.#cost + price > SLICE) {
      const slice = this.#slice();
      if (this.#opening.paced) this.#held.push(slice);
      else this.#sendSlice(slice);
    }
    this.#cost += price;
  }

  #slice(): Slice {
    const { version } = this.#opening;
    const replaces = this.#replaces === undefined ? {} : { replaces: this.#replaces };
    const slice: Slice = {
      type: "snapshot",
      version,
      upserts: this.#upserts,
      removes: this.#removes,
      last: false,
      ...(this.#keys.length === 0 ? {} : { keys: packVirtualKeys(this.#keys) }),
      ...replaces,
    };
    this.#keys = [];
    this.#upserts = [];
    this.#removes = [];
    this.#cost = 0;
    this.#replaces = undefined;
    return slice;
  }
}

function priceOf(entity: Entity): number {
  switch (entity.kind) {
    case "virtual-key":
      return 1 + Math.floor((entity.providers?.length ?? 0) / 4);
    case "provider":
      return 5 + entity.keys.length;
    case "catalogue":
      return 1 + Math.floor(entity.models.length / 20);
    default:
      return 1;
  }
}
