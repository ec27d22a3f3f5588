// A JSON value as lines that fold: only what is open becomes lines, so that megabytes open at once.

export type JsonLine =
  | {
      readonly type: "leaf";
      readonly depth: number;
      readonly path: string;
      readonly name: string | null;
      readonly kind: JsonKind;
      readonly text: string;
      readonly isCut: boolean;
    }
  | {
      readonly type: "fold";
      readonly depth: number;
      readonly path: string;
      readonly name: string | null;
      readonly isOpen: boolean;
      readonly words: string;
    }
  | { readonly type: "end"; readonly depth: number; readonly path: string; readonly text: "}" | "]" }
  | { readonly type: "more"; readonly depth: number; readonly path: string; readonly rest: number };

export type JsonKind = "string" | "number" | "boolean" | "null";

export interface JsonView {
  /** Paths that are open though they begin closed, or closed though they begin open. */
  readonly flipped: ReadonlySet<string>;
  /** Paths whose every member, or whose whole text, is wanted. */
  readonly whole: ReadonlySet<string>;
}

/** Members of an object or list that are shown at first. */
const PAGE = 100;
/** UTF-16 units of a text that are shown at first. */
const TEXT = 600;
const OPEN_DEPTH = 2;

/** The lines of what is open. */
export function jsonLines(value: unknown, view: JsonView): JsonLine[] {
  const lines: JsonLine[] = [];
  add({ lines, view }, value, { depth: 0, path: "$", name: null });
  return lines;
}

interface Place {
  readonly depth: number;
  readonly path: string;
  readonly name: string | null;
}

function add(to: { readonly lines: JsonLine[]; readonly view: JsonView }, value: unknown, place: Place): void {
  if (value === null || typeof value !== "object") {
    to.lines.push(leaf(value, place, to.view));
    return;
  }
  const isList = Array.isArray(value);
  const count = isList ? value.length : Object.keys(value).length;
  const isOpen = count > 0 && place.depth < OPEN_DEPTH !== to.view.flipped.has(place.path);
  const words = isList
    ? `[ ${count} ]`
    : count === 0
      ? "{ }"
      : `{ ${Object.keys(value).slice(0, 4).join(", ")}${count > 4 ? ", …" : ""} }`;
  to.lines.push({ type: "fold", ...place, isOpen, words: isOpen ? (isList ? "[" : "{") : words });
  if (!isOpen) return;
  const members = isList ? value.map((item, index) => [String(index), item] as const) : Object.entries(value);
  const most = to.view.whole.has(place.path) ? members.length : PAGE;
  const depth = place.depth + 1;
  for (const [name, item] of members.slice(0, most))
    add(to, item, { depth, path: `${place.path}/${name}`, name: isList ? null : name });
  if (members.length > most) to.lines.push({ type: "more", depth, path: place.path, rest: members.length - most });
  to.lines.push({ type: "end", depth: place.depth, path: `${place.path}/end`, text: isList ? "]" : "}" });
}

function leaf(value: unknown, place: Place, view: JsonView): JsonLine {
  const kind: JsonKind =
    value === null ? "null" : typeof value === "string" ? "string" : typeof value === "number" ? "number" : "boolean";
  const isCut = typeof value === "string" && value.length > TEXT && !view.whole.has(place.path);
  const shown = isCut ? (value as string).slice(0, TEXT) : value;
  const text = kind === "string" ? JSON.stringify(shown) : String(shown);
  return { type: "leaf", ...place, kind, text, isCut };
}
