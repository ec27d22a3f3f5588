// Reads a regular expression in RE2's syntax into a tree; what cannot be matched in linear time is refused.

/** Matches one character by its code point. */
export type OneOf = (code: number) => boolean;

export type Assertion = "text-start" | "text-end" | "line-start" | "line-end" | "word-edge" | "no-word-edge";

export type PatternNode =
  | { readonly type: "empty" }
  | { readonly type: "one"; readonly of: OneOf }
  | { readonly type: "assert"; readonly what: Assertion }
  | { readonly type: "sequence"; readonly parts: readonly PatternNode[] }
  | { readonly type: "either"; readonly parts: readonly PatternNode[] }
  /** `most`: Infinity = any number. */
  | { readonly type: "repeat"; readonly of: PatternNode; readonly least: number; readonly most: number };

/** What is wrong with a pattern; `position` is an index into it. */
export class PatternError extends Error {
  readonly position: number;
  constructor(message: string, position: number) {
    super(message);
    this.name = "PatternError";
    this.position = position;
  }
}

const MOST_REPEATS = 100;
const DEEPEST = 50;
const EMPTY: PatternNode = { type: "empty" };

const isDigit: OneOf = (code) => code >= 48 && code <= 57;
const isSpace: OneOf = (code) => code === 32 || (code >= 9 && code <= 13);
/** Letters, digits and the underscore of ASCII. */
export const isWord: OneOf = (code) =>
  isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
const not =
  (of: OneOf): OneOf =>
  (code) =>
    !of(code);

const CLASSES: Readonly<Record<string, OneOf>> = {
  d: isDigit,
  D: not(isDigit),
  s: isSpace,
  S: not(isSpace),
  w: isWord,
  W: not(isWord),
};
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, a: 7 };
const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  A: "text-start",
  z: "text-end",
  b: "word-edge",
  B: "no-word-edge",
};
const NAMED: Readonly<Record<string, OneOf>> = {
  alnum: (code) => isWord(code) && code !== 95,
  alpha: (code) => isWord(code) && code !== 95 && !isDigit(code),
  digit: isDigit,
  lower: (code) => code >= 97 && code <= 122,
  upper: (code) => code >= 65 && code <= 90,
  space: isSpace,
  word: isWord,
  punct: (code) => code > 32 && code < 127 && !(isWord(code) && code !== 95),
  xdigit: (code) => isDigit(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102),
};

interface Flags {
  readonly anyCase: boolean;
  readonly lines: boolean;
  readonly dotAll: boolean;
}

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #flags: Flags = { anyCase: false, lines: false, dotAll: false };

  constructor(text: string) {
    this.#text = text;
  }

  whole(): PatternNode {
    const node = this.#either();
    if (this.#at < this.#text.length) this.#fail("a closing parenthesis without its opening one");
    return node;
  }

  #fail(message: string, position = this.#at): never {
    throw new PatternError(message, position);
  }

  #eat(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #either(): PatternNode {
    const flags = this.#flags;
    const parts = [this.#sequence()];
    while (this.#eat("|")) parts.push(this.#sequence());
    this.#flags = flags;
    return parts.length === 1 ? (parts[0] as PatternNode) : { type: "either", parts };
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (this.#at < this.#text.length && !"|)".includes(this.#text[this.#at] as string)) parts.push(this.#repeated());
    return parts.length === 1 ? (parts[0] as PatternNode) : { type: "sequence", parts };
  }

  #repeated(): PatternNode {
    const from = this.#at;
    let node = this.#atom();
    for (let count = 0; ; count++) {
      const range = this.#range();
      if (range === null) return node;
      if (count > 0) this.#fail("a repetition of a repetition: put the inner one in parentheses", from);
      this.#eat("?");
      node = { type: "repeat", of: node, ...range };
    }
  }

  #range(): { least: number; most: number } | null {
    if (this.#eat("*")) return { least: 0, most: Number.POSITIVE_INFINITY };
    if (this.#eat("+")) return { least: 1, most: Number.POSITIVE_INFINITY };
    if (this.#eat("?")) return { least: 0, most: 1 };
    const found = /^\{(\d{1,4})(,?)(\d{0,4})\}/.exec(this.#text.slice(this.#at, this.#at + 16));
    if (found === null) return null;
    const [whole, first = "", comma = "", last = ""] = found;
    const least = Number(first);
    const most = comma === "" ? least : last === "" ? Number.POSITIVE_INFINITY : Number(last);
    if (least > MOST_REPEATS || (most !== Number.POSITIVE_INFINITY && (most > MOST_REPEATS || most < least)))
      this.#fail(`a repetition is from 0 to ${MOST_REPEATS}, the smaller number first`);
    this.#at += whole.length;
    return { least, most };
  }

  #atom(): PatternNode {
    const char = this.#text[this.#at] as string;
    switch (char) {
      case "(":
        return this.#group();
      case "[":
        this.#at++;
        return this.#one(this.#set());
      case ".":
        this.#at++;
        return { type: "one", of: this.#flags.dotAll ? () => true : (code) => code !== 10 };
      case "^":
        this.#at++;
        return { type: "assert", what: this.#flags.lines ? "line-start" : "text-start" };
      case "$":
        this.#at++;
        return { type: "assert", what: this.#flags.lines ? "line-end" : "text-end" };
      case "*":
      case "+":
      case "?":
        return this.#fail("a repetition of nothing");
      case "\\":
        return this.#escape();
      default:
        return this.#literal(this.#code());
    }
  }

  #code(): number {
    const code = this.#text.codePointAt(this.#at) as number;
    this.#at += code > 0xffff ? 2 : 1;
    return code;
  }

  #literal(code: number): PatternNode {
    return this.#one((other) => other === code);
  }

  #one(of: OneOf): PatternNode {
    return { type: "one", of: this.#flags.anyCase ? inAnyCase(of) : of };
  }

  #group(): PatternNode {
    const from = this.#at++;
    const flags = this.#flags;
    if (this.#eat("?")) {
      const head = /^(?:P?<[A-Za-z_]\w{0,31}>|([ims]{0,3})(?:-([ims]{1,3}))?(:|\)))/.exec(
        this.#text.slice(this.#at, this.#at + 40),
      );
      if (head === null) this.#fail("this kind of group is not known (looking around and back is not possible)", from);
      const [whole, on = "", off = "", end] = head as RegExpExecArray;
      this.#at += whole.length;
      if (end !== undefined) this.#flags = changed(flags, on, off);
      if (end === ")") return EMPTY;
    }
    if (++this.#depth > DEEPEST) this.#fail(`groups are nested deeper than ${DEEPEST}`, from);
    const node = this.#either();
    this.#depth--;
    if (!this.#eat(")")) this.#fail("a group is not closed", from);
    this.#flags = flags;
    return node;
  }

  #escape(): PatternNode {
    const char = this.#text[this.#at + 1];
    const assertion = char === undefined ? undefined : ASSERTIONS[char];
    if (assertion !== undefined) {
      this.#at += 2;
      return { type: "assert", what: assertion };
    }
    const escaped = this.#escaped();
    return typeof escaped === "number" ? this.#literal(escaped) : this.#one(escaped);
  }

  /** What stands behind a backslash: a class of characters, or one of them. */
  #escaped(): OneOf | number {
    const from = this.#at++;
    const char = this.#text[this.#at];
    if (char === undefined) return this.#fail("a backslash at the end", from);
    const known = CLASSES[char];
    const control = CONTROLS[char];
    if (known !== undefined || control !== undefined) {
      this.#at++;
      return known ?? (control as number);
    }
    const rest = this.#text.slice(this.#at, this.#at + 48);
    const hex = /^x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/.exec(rest);
    if (hex !== null) {
      this.#at += hex[0].length;
      return Number.parseInt((hex[1] ?? hex[2]) as string, 16);
    }
    const property = /^(p|P)(?:([A-Z])|\{([A-Za-z_=]{1,40})\})/.exec(rest);
    if (property !== null) return this.#property(property, from);
    if (/[A-Za-z0-9]/.test(char)) return this.#fail(`\\${char} is not known`, from);
    return this.#code();
  }

  #property([whole, kind, letter, name]: RegExpExecArray, from: number): OneOf {
    try {
      const of = new RegExp(`^\\p{${letter ?? name}}$`, "u");
      this.#at += whole.length;
      const has: OneOf = (code) => of.test(String.fromCodePoint(code));
      return kind === "p" ? has : not(has);
    } catch {
      return this.#fail(`${whole} names no class of characters`, from);
    }
  }

  #set(): OneOf {
    const from = this.#at - 1;
    const isNegated = this.#eat("^");
    const parts: OneOf[] = [];
    for (let first = true; first || this.#text[this.#at] !== "]"; first = false) {
      if (this.#at >= this.#text.length) this.#fail("a set of characters is not closed", from);
      parts.push(this.#member());
    }
    this.#at++;
    const of: OneOf = (code) => parts.some((part) => part(code));
    const whole = this.#flags.anyCase ? inAnyCase(of) : of;
    return isNegated ? not(whole) : whole;
  }

  #member(): OneOf {
    const named = /^\[:(\^?)([a-z]+):\]/.exec(this.#text.slice(this.#at, this.#at + 16));
    if (named !== null) {
      const of = NAMED[named[2] as string];
      if (of === undefined) this.#fail(`${named[0]} is not known`);
      this.#at += named[0].length;
      return named[1] === "^" ? not(of as OneOf) : (of as OneOf);
    }
    const low = this.#end();
    if (typeof low !== "number") return low;
    const next = this.#text[this.#at + 1];
    if (this.#text[this.#at] !== "-" || next === "]" || next === undefined) return (code) => code === low;
    const from = this.#at++;
    const high = this.#end();
    if (typeof high !== "number" || high < low) return this.#fail("a range of characters runs backwards", from);
    return (code) => code >= low && code <= high;
  }

  #end(): OneOf | number {
    return this.#text[this.#at] === "\\" ? this.#escaped() : this.#code();
  }
}

function changed(flags: Flags, on: string, off: string): Flags {
  const is = (letter: string, before: boolean): boolean => (on.includes(letter) || before) && !off.includes(letter);
  return { anyCase: is("i", flags.anyCase), lines: is("m", flags.lines), dotAll: is("s", flags.dotAll) };
}

function inAnyCase(of: OneOf): OneOf {
  return (code) => of(code) || of(otherCase(code));
}

function otherCase(code: number): number {
  const char = String.fromCodePoint(code);
  const lower = char.toLowerCase();
  return (lower === char ? char.toUpperCase() : lower).codePointAt(0) as number;
}

/** The pattern as a tree. Throws PatternError. */
export function parsePattern(text: string): PatternNode {
  return new Reader(text).whole();
}
