// What can be wrong with a JSON text, by kind; the words for people are their user's business.

export type JsonProblemKind =
  | "value-expected"
  | "name-expected"
  | "single-quotes"
  | "unknown-word"
  | "bad-number"
  | "colon-expected"
  | "comma-missing"
  | "comma-or-end-expected"
  | "wrong-end"
  | "trailing-comma"
  | "unclosed"
  | "more-follows"
  | "open-string"
  | "open-comment"
  | "control-character"
  | "unknown-escape"
  | "bad-unicode-escape"
  | "too-deep"
  | "too-many";

/** Offsets and lengths count bytes. */
export interface JsonProblem {
  readonly kind: JsonProblemKind;
  readonly offset: number;
  readonly length: number;
  /** The bracket that is still open there; -1 = none. */
  readonly opener: number;
}

/** A name that stands twice in one object. */
export interface JsonDuplicate {
  readonly name: string;
  /** The object's opening brace. */
  readonly object: number;
  /** The later name, with its quotes. */
  readonly offset: number;
  readonly length: number;
}

/** Ends the reading: after the first break everything else is guesswork. */
export class JsonBreak extends Error {
  readonly problem: JsonProblem;

  constructor(problem: JsonProblem) {
    super(problem.kind);
    this.name = "JsonBreak";
    this.problem = problem;
  }
}
