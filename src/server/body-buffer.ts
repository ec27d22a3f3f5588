// Collects a body from several reads into one slab that grows as bytes arrive, never faster than they do.
import type { Body } from "../core/http.ts";
import type { Slabs } from "./slabs.ts";

const FIRST = 128 * 1024;
/** Up to here a slab grows by the pools' steps, above it to the declared length or by doubling. */
const STEP = 8;

/** Stands for every request without a body: nothing to give back. */
export const EMPTY_BODY: Body = { bytes: Buffer.alloc(0), release() {} };

/** A view of a slab that goes back to its pool on release; a second release does nothing. */
class SlabBody implements Body {
  readonly bytes: Buffer;
  private slab: Buffer | null;
  private readonly slabs: Slabs;

  constructor(slabs: Slabs, slab: Buffer, length: number) {
    this.bytes = slab.subarray(0, length);
    this.slab = slab;
    this.slabs = slabs;
  }

  release(): void {
    const { slab } = this;
    this.slab = null;
    if (slab !== null) this.slabs.give(slab);
  }
}

/** One body under way. It ends by `finish` (the body owns the slab) or by `discard`. */
export class BodyBuffer {
  length: number;
  private slab: Buffer | null;
  private readonly slabs: Slabs;
  private readonly declared: number;

  /** `declared`: the length that the sender announced, or -1. */
  constructor(slabs: Slabs, declared: number) {
    this.length = 0;
    this.slab = null;
    this.slabs = slabs;
    this.declared = declared;
  }

  /** Copies bytes[from, end) behind what is there. False: no memory is left for it. */
  append(bytes: Uint8Array, from: number, end: number): boolean {
    const needed = this.length + end - from;
    if ((this.slab === null || needed > this.slab.length) && !this.grow(needed)) return false;
    (this.slab as Buffer).set(from === 0 && end === bytes.length ? bytes : bytes.subarray(from, end), this.length);
    this.length = needed;
    return true;
  }

  /** The body so far, whole. */
  finish(): Body {
    const { slab } = this;
    this.slab = null;
    return slab === null ? EMPTY_BODY : new SlabBody(this.slabs, slab, this.length);
  }

  discard(): void {
    if (this.slab !== null) this.slabs.give(this.slab);
    this.slab = null;
  }

  private grow(needed: number): boolean {
    const old = this.slab;
    const size = old === null ? FIRST : old.length * STEP;
    const wanted = size <= FIRST * STEP * STEP ? size : Math.max(this.declared, (old as Buffer).length * 2);
    const slab = this.slabs.take(Math.max(needed, wanted));
    if (slab === null) return false;
    if (old !== null) {
      slab.set(old.subarray(0, this.length));
      this.slabs.give(old);
    }
    this.slab = slab;
    return true;
  }
}
