// Makes new raw messages out of those of the corpus, by the small changes that find holes in parsers.
import { Random } from "../../random.ts";

/** Pieces that mean something to one parser or the other. */
// biome-ignore format: a list
const PIECES = [
  "\r\n", "\n", "\r", "\r\n\r\n", "\0", " ", "\t", ":", ";", ",", "=", '"', "#", "?", "*", "/", "%", "\x7f", "\x80", "\xff", "0", "1", "5", "a", "A", "-", "+", "_",
  "Content-Length: 1\r\n", "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n", "Host: a.example\r\n", "Connection: close\r\n",
  "Connection: keep-alive\r\n", "Expect: 100-continue\r\n", "chunked", "gzip, ", "HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "0\r\n\r\n", "1\r\na\r\n", "3\r\nabc\r\n",
  "GET / HTTP/1.1\r\nHost: b\r\n\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "X-A: b\r\n", " X-B: c\r\n", "http://a.example", "OPTIONS", "HEAD", "POST",
] as const;

/** Seeded: the same seed gives the same messages. */
export class Mutator {
  private readonly random: Random;
  private readonly good: readonly string[];
  private readonly all: readonly string[];

  /** `good` and `bad`: messages that are read and messages that are refused as they stand. */
  constructor(seed: number, good: readonly string[], bad: readonly string[]) {
    this.random = new Random(seed);
    this.good = good.filter((raw) => raw.length < 2000);
    this.all = [...this.good, ...bad.filter((raw) => raw.length < 2000)];
  }

  below(limit: number): number {
    return Math.floor(this.random.next() * limit);
  }

  /** The next raw message: one of the corpus, changed in up to four places. */
  next(): string {
    // Mostly from good ones, a little changed: what is still accepted tells most.
    let raw = this.below(4) > 0 ? this.pick(this.good) : this.pick(this.all);
    for (let changes = this.below(5); changes > 0; changes--) raw = this.change(raw);
    return raw;
  }

  /** The bytes cut in up to four pieces. */
  split(bytes: Buffer): Buffer[] {
    const cuts = Array.from({ length: this.below(4) }, () => this.below(bytes.length + 1)).sort((a, b) => a - b);
    const pieces: Buffer[] = [];
    let from = 0;
    for (const cut of [...cuts, bytes.length]) {
      pieces.push(bytes.subarray(from, cut));
      from = cut;
    }
    return pieces.filter((piece) => piece.length > 0);
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  private change(raw: string): string {
    const at = this.below(raw.length + 1);
    const end = Math.min(raw.length, at + 1 + this.below(3));
    switch (this.below(6)) {
      case 0:
        return raw.slice(0, at) + this.pick(PIECES) + raw.slice(at);
      case 1:
        return raw.slice(0, at) + this.pick(PIECES) + raw.slice(end);
      case 2:
        return raw.slice(0, at) + raw.slice(end);
      case 3:
        return this.doubleLine(raw);
      case 4:
        return raw.slice(0, at) + String.fromCharCode(this.below(256)) + raw.slice(Math.min(raw.length, at + 1));
      default:
        return this.below(3) === 0 ? raw + this.pick(this.all) : raw.slice(0, at) + this.pick(this.all).slice(at);
    }
  }

  private doubleLine(raw: string): string {
    const lines = raw.split("\r\n");
    const at = this.below(lines.length);
    lines.splice(this.below(lines.length + 1), 0, lines[at] as string);
    return lines.join("\r\n");
  }
}
