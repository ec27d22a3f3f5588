// Matches regular expressions in time that grows with the text alone, whatever the pattern: all ways through it are followed at once.
import { type Assertion, isWord, type OneOf, PatternError, type PatternNode, parsePattern } from "./parse.ts";

/** Longer patterns, and larger ones when their repetitions are written out, are refused. */
export const LONGEST_PATTERN = 256;
const MOST_STEPS = 1_000;
/** No more than this of a text is looked at, in characters. */
export const LONGEST_SUBJECT = 4_096;

type Step =
  | { readonly type: "one"; readonly of: OneOf; next: number }
  | { readonly type: "assert"; readonly what: Assertion; next: number }
  | { readonly type: "fork"; next: number; other: number }
  | { readonly type: "end" };

class Program {
  readonly steps: Step[] = [];

  /** Index of the first of the node's steps, which lead on to `next`. */
  add(node: PatternNode, next: number): number {
    switch (node.type) {
      case "empty":
        return next;
      case "one":
        return this.push({ type: "one", of: node.of, next });
      case "assert":
        return this.push({ type: "assert", what: node.what, next });
      case "sequence":
        return node.parts.reduceRight((after, part) => this.add(part, after), next);
      case "either":
        return node.parts
          .map((part) => this.add(part, next))
          .reduceRight((other, first) => this.push({ type: "fork", next: first, other }));
      case "repeat":
        return this.#repeat(node, next);
    }
  }

  #repeat({ of, least, most }: Extract<PatternNode, { type: "repeat" }>, next: number): number {
    let at = next;
    if (most === Number.POSITIVE_INFINITY) {
      const fork = { type: "fork" as const, next: -1, other: next };
      at = this.push(fork);
      fork.next = this.add(of, at);
    } else for (let i = least; i < most; i++) at = this.push({ type: "fork", next: this.add(of, at), other: next });
    for (let i = 0; i < least; i++) at = this.add(of, at);
    return at;
  }

  push(step: Step): number {
    if (this.steps.length >= MOST_STEPS)
      throw new PatternError(`the pattern is too large: its repetitions make more than ${MOST_STEPS} steps`, 0);
    return this.steps.push(step) - 1;
  }
}

function holds(what: Assertion, before: number, after: number): boolean {
  switch (what) {
    case "text-start":
      return before < 0;
    case "text-end":
      return after < 0;
    case "line-start":
      return before < 0 || before === 10;
    case "line-end":
      return after < 0 || after === 10;
    default: {
      const isEdge = (before >= 0 && isWord(before)) !== (after >= 0 && isWord(after));
      return isEdge === (what === "word-edge");
    }
  }
}

export class LinearPattern {
  readonly #steps: readonly Step[];
  readonly #start: number;
  /** It can only begin where the text does. */
  readonly #isAnchored: boolean;
  readonly #open: number[] = [];
  /** At which turn a step was last visited: no list is emptied between two characters. */
  readonly #seen: Int32Array;
  #turn = 0;
  #now: number[] = [];
  #then: number[] = [];

  /** Throws PatternError. */
  constructor(text: string) {
    if (text.length > LONGEST_PATTERN)
      throw new PatternError(`the pattern is longer than ${LONGEST_PATTERN} characters`, LONGEST_PATTERN);
    const program = new Program();
    this.#start = program.add(parsePattern(text), program.push({ type: "end" }));
    this.#steps = program.steps;
    const first = program.steps[this.#start];
    this.#isAnchored = first?.type === "assert" && first.what === "text-start";
    this.#seen = new Int32Array(program.steps.length);
  }

  /** Whether it matches anywhere in the first LONGEST_SUBJECT characters. */
  test(subject: string): boolean {
    const length = Math.min(subject.length, LONGEST_SUBJECT);
    let before = -1;
    this.#now.length = 0;
    for (let at = 0; ; ) {
      const after = at < length ? (subject.codePointAt(at) as number) : -1;
      this.#turn = this.#turn >= 0x7fff_fffe ? this.#restart() : this.#turn + 1;
      this.#then.length = 0;
      // what led here, and a match that begins here
      for (const step of this.#now) if (this.#follow(step, before, after)) return true;
      if (!this.#isAnchored || before < 0) if (this.#follow(this.#start, before, after)) return true;
      if (after < 0 || (this.#isAnchored && this.#then.length === 0)) return false;
      this.#now.length = 0;
      for (const index of this.#then) {
        const step = this.#steps[index] as Extract<Step, { type: "one" }>;
        if (step.of(after)) this.#now.push(step.next);
      }
      before = after;
      at += after > 0xffff ? 2 : 1;
    }
  }

  #restart(): number {
    this.#seen.fill(0);
    return 1;
  }

  /** Notes all steps that take a character next; true at the end of the pattern. */
  #follow(first: number, before: number, after: number): boolean {
    const open = this.#open;
    open.length = 0;
    open.push(first);
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (this.#seen[index] === this.#turn) continue;
      this.#seen[index] = this.#turn;
      const step = this.#steps[index] as Step;
      if (step.type === "end") return true;
      if (step.type === "one") this.#then.push(index);
      else if (step.type === "fork") open.push(step.other, step.next);
      else if (holds(step.what, before, after)) open.push(step.next);
    }
    return false;
  }
}
