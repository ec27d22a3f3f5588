// Sends versions of the configuration to the loop in slices that cost it little, and tells when one is in force.
import { setTimeout as pause } from "node:timers/promises";
import type { Entity } from "../core/entities.ts";
import type { ControlToLoop } from "../core/plane-messages.ts";

/** What a slice may cost the loop, in units of one virtual key (about 4 µs): below 2 ms. */
const SLICE = 500;
/** ms between slices while requests are served. */
const PACE = 4;

export interface Publication {
  readonly version: number;
  readonly upserts: readonly Entity[];
  readonly removes: readonly string[];
  /** Requests are being served: leave the loop time between slices. */
  readonly paced: boolean;
}

/** One for the control plane. */
export class Publisher {
  readonly #send: (message: ControlToLoop) => boolean;
  readonly #waiting = new Map<number, () => void>();

  constructor(send: (message: ControlToLoop) => boolean) {
    this.#send = send;
  }

  /** Resolves when the loop serves this version. */
  async publish(publication: Publication): Promise<void> {
    const { version, paced } = publication;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.set(version, resolve);
    for (const slice of slicesOf(publication.upserts, publication.removes)) {
      this.#send({ type: "snapshot", version, ...slice });
      if (paced && !slice.last) await pause(PACE);
    }
    await promise;
  }

  /** The loop acknowledged `version`. */
  applied(version: number): void {
    this.#waiting.get(version)?.();
    this.#waiting.delete(version);
  }
}

export interface Slice {
  readonly upserts: readonly Entity[];
  readonly removes: readonly string[];
  readonly last: boolean;
}

/** Cuts a version into slices, in order: removes first. There is always one, and the last says so. */
export function slicesOf(upserts: readonly Entity[], removes: readonly string[]): Slice[] {
  const slices: Slice[] = [];
  let removed: string[] = [];
  let changed: Entity[] = [];
  let cost = 0;
  const cut = (last: boolean): void => {
    slices.push({ upserts: changed, removes: removed, last });
    removed = [];
    changed = [];
    cost = 0;
  };
  const make = (price: number): void => {
    if (cost > 0 && cost + price > SLICE) cut(false);
    cost += price;
  };
  for (const id of removes) {
    make(1);
    removed.push(id);
  }
  for (const entity of upserts) {
    make(priceOf(entity));
    changed.push(entity);
  }
  cut(true);
  return slices;
}

function priceOf(entity: Entity): number {
  switch (entity.kind) {
    case "virtual-key":
      return 1 + Math.floor((entity.providers?.length ?? 0) / 4);
    case "provider":
      return 5 + entity.keys.length;
    case "catalogue":
      return 1 + Math.floor(entity.models.length / 20);
    case "settings":
      return 1;
  }
}
