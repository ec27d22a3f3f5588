// The header fields of one head: where each name and value lies in the bytes, and the strings of those that are asked for.
import type { HeaderView } from "../../core/http.ts";
import { latin1 } from "../latin1.ts";
import { isWord } from "./bytes.ts";

const NOTHING = Buffer.alloc(0);

/** Positions instead of strings, in one array that is reused from head to head. */
export class Fields implements HeaderView {
  bytes: Buffer;
  /** Number of fields. */
  count: number;
  /** A bit for each length of a name, modulo 32: most names that are asked for are not there, and most of those show by it. */
  protected lengths: number;
  /** For each field: start and length of its name, start and end of its value. */
  protected readonly positions: Int32Array;

  constructor(maxHeaders: number) {
    this.bytes = NOTHING;
    this.count = 0;
    this.lengths = 0;
    this.positions = new Int32Array(maxHeaders * 4);
  }

  /** Lets the bytes go; there are no fields after it. */
  clear(): void {
    this.bytes = NOTHING;
    this.count = 0;
    this.lengths = 0;
  }

  get(name: string): string | undefined {
    if ((this.lengths & (1 << (name.length & 31))) === 0) return undefined;
    const { positions, bytes } = this;
    let found: string | undefined;
    for (let k = 0, stop = this.count * 4; k < stop; k += 4) {
      const length = positions[k + 1] as number;
      if (length !== name.length || !isWord(bytes, positions[k] as number, length, name)) continue;
      const value = latin1(bytes, positions[k + 2] as number, positions[k + 3] as number);
      found = found === undefined ? value : `${found}, ${value}`;
    }
    return found;
  }

  entries(): [string, string][] {
    const { positions, bytes } = this;
    const list: [string, string][] = [];
    for (let k = 0, stop = this.count * 4; k < stop; k += 4) {
      const at = positions[k] as number;
      const name = bytes.toString("latin1", at, at + (positions[k + 1] as number)).toLowerCase();
      list.push([name, bytes.toString("latin1", positions[k + 2], positions[k + 3])]);
    }
    return list;
  }

  hasPrefix(prefix: string): boolean {
    const { positions, bytes } = this;
    for (let k = 0, stop = this.count * 4; k < stop; k += 4) {
      if ((positions[k + 1] as number) < prefix.length) continue;
      if (isWord(bytes, positions[k] as number, prefix.length, prefix)) return true;
    }
    return false;
  }

  protected note(name: number, length: number, value: number, end: number): void {
    const { positions } = this;
    const k = this.count++ * 4;
    this.lengths |= 1 << (length & 31);
    positions[k] = name;
    positions[k + 1] = length;
    positions[k + 2] = value;
    positions[k + 3] = end;
  }
}
