// The memory that the scanner in WebAssembly and its scans in TypeScript share: tables, one region a scan, and the document.
import { SCANNER_CODE } from "./json-scan-code.generated.ts";

/** Where the document stands. */
const DOCUMENT = 65_536;
/** Up to the list of elements, less the regions and what a string's last step reads behind the document. */
export const MAX_DOCUMENT = 17 * 65_536 - 16;
const FIRST_REGION = 8192;
/** Where the list of elements stands, on a page of its own behind the documents. */
const ITEMS = 18 * 65_536;
/** Of more elements the first ones are listed. */
export const MAX_ITEMS = 2000;
/** Words that the list has for an element, and what stands in them: ranges of the element and of its two fields, JSON_TYPE of the second. */
export const ITEM_WORDS = 6;
export const ITEM_PLACE = { start: 0, end: 1, first: 2, second: 3, secondEnd: 4, secondType: 5 } as const;
/** Words at the beginning of a region: counts and addresses, then results. */
const HEAD_BYTES = 96;

/** Indexes of the results in `Region.results`. */
export const RESULT = {
  open: 13,
  close: 14,
  memberCount: 15,
  itemCount: 16,
  nonObject: 17,
  unlabelled: 18,
  markedStart: 19,
  markedEnd: 20,
} as const;

interface Scanner {
  readonly memory: { readonly buffer: ArrayBuffer };
  scan(region: number, length: number, offset: number): number;
  repeats(before: number, after: number, at: number, end: number): number;
}

/** What we use of it; the library of types has no values for it outside a browser. */
interface Engine {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

function load(): Scanner {
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;
  return new Instance(new Module(Buffer.from(SCANNER_CODE, "base64"))).exports as Scanner;
}

const scanner = load();
const bytes = new Uint8Array(scanner.memory.buffer);

/** The kinds of values by their first byte, JSON_TYPE. */
function fillTables(): void {
  for (const digit of "-0123456789") bytes[digit.charCodeAt(0)] = 2;
  for (const [character, type] of Object.entries({ '"': 1, "{": 3, "[": 4, t: 5, f: 6, n: 7 }))
    bytes[character.charCodeAt(0)] = type;
  for (const letter of '"\\/bfnrt') bytes[256 + letter.charCodeAt(0)] = 1;
  bytes[256 + "u".charCodeAt(0)] = 2;
  for (const digit of "0123456789abcdefABCDEF") bytes[512 + digit.charCodeAt(0)] = 1;
}

fillTables();
let free = FIRST_REGION;

/** The elements that were found by the last scan of one with two item fields; one list for all scans. */
export const itemTable = new Int32Array(scanner.memory.buffer, ITEMS, MAX_ITEMS * ITEM_WORDS);

function allocate(length: number): number {
  const at = free;
  free += (length + 7) & ~7;
  if (free > DOCUMENT) throw new RangeError("too many scans were made: they are made once, not for each document");
  return at;
}

export interface RegionNames {
  readonly names: readonly string[];
  readonly itemNames: readonly string[];
  /** Index of the name whose value is the list of items; -1: none. */
  readonly array: number;
  /** The label that marks an element, as JSON text; empty: none. */
  readonly mark: string;
}

/** The part of the memory that belongs to one scan; its arrays are filled by `scan` and hold until the next one. */
export class Region {
  readonly types: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly nameStarts: Int32Array;
  readonly itemTypes: Uint8Array;
  readonly itemStarts: Int32Array;
  readonly itemEnds: Int32Array;
  readonly results: Int32Array;
  readonly #at: number;

  constructor({ names, itemNames, array, mark }: RegionNames) {
    const at = allocate(HEAD_BYTES);
    this.#at = at;
    const head = new Int32Array(scanner.memory.buffer, at, HEAD_BYTES / 4);
    this.results = head;
    this.types = bytesAt(names.length);
    this.starts = wordsAt(names.length);
    this.ends = wordsAt(names.length);
    this.nameStarts = wordsAt(names.length);
    this.itemTypes = bytesAt(itemNames.length);
    this.itemStarts = wordsAt(itemNames.length);
    this.itemEnds = wordsAt(itemNames.length);
    head.set([names.length, itemNames.length, array, Buffer.byteLength(mark), textAt(mark), nameTable(names)]);
    const arrays = [
      this.types,
      this.starts,
      this.ends,
      this.nameStarts,
      this.itemTypes,
      this.itemStarts,
      this.itemEnds,
    ];
    head.set(
      arrays.map((array) => array.byteOffset),
      6,
    );
    head[22] = nameTable(itemNames);
  }

  /** Scans document[from, to); false: it is no JSON object, or one of the unusual kind that is left to the other scan. */
  scan(document: Uint8Array, from: number, to: number): boolean {
    bytes.set(from === 0 && to === document.length ? document : document.subarray(from, to), DOCUMENT);
    return scanner.scan(this.#at, to - from, from) === 1;
  }
}

/** Index of the number of repetitions, as a word. */
const REPETITIONS = 8160 / 4;
const words = new Int32Array(scanner.memory.buffer, 0, FIRST_REGION / 4);

/** What `findRepeats` found: the index behind the last repetition, and how many there are. */
export const found = { end: 0, count: 0 };

/**
 * Looks how far document[from, to) repeats `frame` around the inside of a JSON string: the frame's first `before` bytes, a text, the rest
 * of the frame, which begins with the closing quote. Both halves have 16 bytes or more.
 */
export function findRepeats(document: Uint8Array, from: number, to: number, frame: Uint8Array, before: number): void {
  const start = DOCUMENT + frame.length;
  bytes.set(frame, DOCUMENT);
  bytes.set(from === 0 && to === document.length ? document : document.subarray(from, to), start);
  const end = scanner.repeats(before, frame.length - before, start, start + to - from);
  found.end = end - start + from;
  found.count = words[REPETITIONS] as number;
}

function bytesAt(count: number): Uint8Array {
  return new Uint8Array(scanner.memory.buffer, allocate(count), count);
}

function wordsAt(count: number): Int32Array {
  return new Int32Array(scanner.memory.buffer, allocate(count * 4), count);
}

function textAt(text: string): number {
  const encoded = Buffer.from(text);
  const at = allocate(encoded.length);
  bytes.set(encoded, at);
  return at;
}

/** Address and length of each name. */
function nameTable(names: readonly string[]): number {
  const table = wordsAt(names.length * 2);
  for (const [index, name] of names.entries()) {
    table[index * 2] = textAt(name);
    table[index * 2 + 1] = Buffer.byteLength(name);
  }
  return table.byteOffset;
}
