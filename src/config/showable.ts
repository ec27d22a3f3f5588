// Says which texts of a stretch of the file may be shown: those that the schema knows and does not mark as secrets.

import { LongList } from "../lib/json-text/long-list.ts";
import type { JsonLookup } from "../lib/json-text/lookup.ts";
import { placeOf } from "../lib/json-text/places.ts";
import type { Shape } from "./schema/shape.ts";

/** A longer text in the place of another type might be a secret. */
export const SHORT_TEXT = 10;

interface Range {
  readonly start: number;
  readonly end: number;
}

/** The offsets of the string values within the range that may be shown. `value` is the whole content of the text. */
export function showableIn(value: unknown, shape: Shape, lookup: JsonLookup, range: Range): ReadonlySet<number> {
  const found = new Set<number>();
  if (isContainer(value)) visit(value, shape, { lookup, range, found });
  return found;
}

interface Walk {
  readonly lookup: JsonLookup;
  readonly range: Range;
  readonly found: Set<number>;
}

/** One entry of a container: a nested container at its place, or a text to be placed. */
interface Entry {
  readonly value: unknown;
  readonly shape: Shape | undefined;
  readonly name: string | number;
}

function visit(container: object, shape: Shape, walk: Walk): void {
  const nested: { value: object; shape: Shape; place: number }[] = [];
  const own = placeOf(container);
  for (const { value, shape: part, name } of entriesOf(container, shape, walk.range)) {
    if (part === undefined || part.later !== undefined) continue;
    if (isContainer(value)) nested.push({ value, shape: part, place: placeOf(value) });
    else if (typeof value === "string" && mayShow(value, part)) {
      const place = typeof name === "number" ? walk.lookup.item(own, name) : walk.lookup.member(own, name);
      if (place !== undefined && place.valueStart >= walk.range.start && place.valueStart < walk.range.end)
        walk.found.add(place.valueStart);
    }
  }
  for (const entry of touching(nested, walk.range)) visit(entry.value, entry.shape, walk);
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null && placeOf(value) >= 0;
}

/** Those that may reach into the range: they follow one another, so only the last one before it does, and those within. */
function touching<T extends { readonly place: number }>(entries: readonly T[], { start, end }: Range): T[] {
  const before = entries.filter(({ place }) => place < start);
  const last = before.reduce<T | undefined>(
    (best, one) => (best === undefined || one.place > best.place ? one : best),
    undefined,
  );
  return [...(last === undefined ? [] : [last]), ...entries.filter(({ place }) => place >= start && place < end)];
}

function entriesOf(container: object, shape: Shape, range: Range): Entry[] {
  if (container instanceof LongList) return itemsOf(container, branchFor("array", shape)?.items, range);
  if (Array.isArray(container)) {
    const items = branchFor("array", shape)?.items;
    return container.map((value, name) => ({ value, shape: items, name }));
  }
  const block = branchFor("object", shape);
  const pattern = Object.values(block?.patternProperties ?? {})[0];
  return Object.entries(container).map(([name, value]) => ({
    value,
    name,
    shape: block?.properties !== undefined && Object.hasOwn(block.properties, name) ? block.properties[name] : pattern,
  }));
}

/** Of a long list only the items about the range. */
function itemsOf(list: LongList, shape: Shape | undefined, { start, end }: Range): Entry[] {
  let [low, high] = [0, list.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (list.place(middle) <= start) low = middle;
    else high = middle - 1;
  }
  const entries: Entry[] = [];
  for (let name = low; name < list.length && list.place(name) < end; name++)
    entries.push({ value: list.item(name), shape, name });
  return entries;
}

/** The branch for a value of this type, with the mark of the whole. */
function branchFor(type: string, shape: Shape): Shape | undefined {
  const branch = shape.anyOf === undefined ? shape : shape.anyOf.find((one) => one.type === type);
  return branch?.type === type ? branch : undefined;
}

function mayShow(text: string, shape: Shape): boolean {
  if (shape.secret === true) return false;
  if (shape.enum !== undefined) return true;
  const branch = branchFor("string", shape);
  if (branch !== undefined) return branch.secret !== true;
  // of another type than it should be: a slip, or a secret in the wrong place
  return shape.type !== undefined || shape.anyOf !== undefined ? text.length <= SHORT_TEXT : false;
}
