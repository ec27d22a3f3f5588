// Where in a JSON text a cursor is: which object or list it stands in, and whether a name or a value is wanted there. The text may be half written.

export interface CursorPlace {
  /** Names and indexes from the outermost object on. */
  readonly path: readonly (string | number)[];
  readonly wanted: "name" | "value" | "nothing";
  /** What stands before the cursor of the word that is being written, without its quote. */
  readonly prefix: string;
  /** Where that word begins, its quote included. */
  readonly from: number;
  /** Where the word ends: behind the cursor when it stands within. */
  readonly to: number;
  /** Names that the object has before the cursor. */
  readonly taken: readonly string[];
}

interface Level {
  readonly isList: boolean;
  name: string | null;
  index: number;
  afterColon: boolean;
  readonly taken: string[];
}

/** Reads `text` up to `at`. */
export function placeAt(text: string, at: number): CursorPlace {
  const levels: Level[] = [];
  let word = { from: at, text: "" };
  let isFull = false;
  for (let index = 0; index < at; ) {
    const sign = text[index] as string;
    const level = levels.at(-1);
    if (sign === "/" && /[/*]/.test(text[index + 1] ?? "")) {
      index = commentEnd(text, index);
      continue;
    }
    if (sign === '"') {
      const end = stringEnd(text, index, at);
      if (end > at || (end === at && text[end - 1] !== '"') || end - index < 2) {
        word = { from: index, text: text.slice(index + 1, at) };
        break;
      }
      const content = text.slice(index + 1, end - 1);
      if (level !== undefined && !level.isList && !level.afterColon) {
        level.name = content;
        level.taken.push(content);
      }
      isFull = true;
      index = end;
      continue;
    }
    if (sign === "{" || sign === "[") {
      levels.push({ isList: sign === "[", name: null, index: 0, afterColon: false, taken: [] });
      isFull = false;
    } else if (sign === "}" || sign === "]") {
      levels.pop();
      isFull = true;
    } else if (sign === ":" && level !== undefined) {
      level.afterColon = true;
      isFull = false;
    } else if (sign === "," && level !== undefined) {
      level.afterColon = false;
      level.name = null;
      level.index++;
      isFull = false;
    } else if (!/\s/.test(sign)) {
      const end = bareEnd(text, index, at);
      if (end === at) {
        word = { from: index, text: text.slice(index, at) };
        break;
      }
      isFull = true;
      index = end;
      continue;
    }
    index++;
  }
  return placeOf(levels, { word, isFull, to: wordEnd(text, word.from, at) });
}

function placeOf(
  levels: readonly Level[],
  { word, isFull, to }: { word: { from: number; text: string }; isFull: boolean; to: number },
): CursorPlace {
  const last = levels.at(-1);
  const isName = last !== undefined && !last.isList && !last.afterColon;
  const outer = isName ? levels.slice(0, -1) : levels;
  const path = outer.flatMap((level): (string | number)[] =>
    level.isList ? [level.index] : level.name === null ? [] : [level.name],
  );
  const wanted = last === undefined || isFull ? "nothing" : isName ? "name" : "value";
  return { path, wanted, prefix: word.text, from: word.from, to, taken: last?.taken ?? [] };
}

/** Behind the closing quote, or where the line or the readable part ends without one. */
function stringEnd(text: string, from: number, most: number): number {
  for (let index = from + 1; index < most; index++) {
    if (text[index] === "\\") index++;
    else if (text[index] === '"') return index + 1;
    else if (text[index] === "\n") return index;
  }
  return most + 1;
}

function commentEnd(text: string, from: number): number {
  const isLine = text[from + 1] === "/";
  const end = text.indexOf(isLine ? "\n" : "*/", from + 2);
  return end < 0 ? text.length : end + (isLine ? 1 : 2);
}

function bareEnd(text: string, from: number, most: number): number {
  let index = from;
  while (index < most && !/[\s,:[\]{}"]/.test(text[index] as string)) index++;
  return index;
}

/** The word that is being written ends with its quote, where that stands in the same line. */
function wordEnd(text: string, from: number, at: number): number {
  const rest = /^[\w.\-/*]*(?:"(?=\s*(?:[:,}\]]|$)))?/.exec(text.slice(at, at + 200))?.[0] ?? "";
  return from < at ? at + rest.length : at;
}
