// Conditions of routing rules (CEL): read and checked once, run against one request, never thrown out of and bounded in time.
import { Environment } from "@marcbachmann/cel-js";
import { LinearPattern } from "../../lib/linear-pattern/match.ts";
import { PatternError } from "../../lib/linear-pattern/parse.ts";
import { type AstNode, childrenOf, isCallOf, type Needed, neededNames, prepare } from "./expression-tree.ts";

/** Longer ones are refused, in characters. */
export const LONGEST_EXPRESSION = 4_096;
/** Patterns that stand in expressions, and those that come with requests, which must not drive the others out. */
const written = new Map<string, LinearPattern>();
const asked = new Map<string, LinearPattern>();
const MOST_WRITTEN = 5_000;
const MOST_ASKED = 100;

function keep(patterns: Map<string, LinearPattern>, text: string, most: number): LinearPattern {
  let pattern = patterns.get(text);
  if (pattern === undefined) {
    if (patterns.size >= most) patterns.clear();
    patterns.set(text, (pattern = new LinearPattern(text)));
  }
  return pattern;
}

/** Texts; the empty one where there is none. */
const TEXTS = [
  "model",
  "provider",
  "request_type",
  "virtual_key_id",
  "virtual_key_name",
  "team_id",
  "team_name",
  "customer_id",
  "customer_name",
  "user_id",
  "complexity_tier",
] as const;
/** Percent, 0 to 100. */
const PERCENTS = ["budget_used", "tokens_used", "request"] as const;

/** The variables of an expression. */
export type RuleVariables = Readonly<Record<(typeof TEXTS)[number], string>> &
  Readonly<Record<(typeof PERCENTS)[number], number>> & {
    readonly headers: Readonly<Record<string, string>>;
    readonly params: Readonly<Record<string, unknown>>;
  };

const ARITHMETIC: readonly (readonly [string, (a: number, b: number) => number])[] = [
  ["+", (a, b) => a + b],
  ["-", (a, b) => a - b],
  ["*", (a, b) => a * b],
  ["/", (a, b) => a / b],
  ["%", (a, b) => a % b],
];

/** Numbers of a request are doubles, and people write `80`: whole numbers go with them. */
function createEnvironment(): Environment {
  const environment = new Environment({
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
    limits: { maxAstNodes: 1_000, maxDepth: 60, maxListElements: 200, maxMapEntries: 50, maxCallArguments: 8 },
  });
  for (const name of TEXTS) environment.registerVariable(name, "string");
  // Not as doubles: the library compares those with whole numbers only when it sees the types of both at last.
  for (const name of PERCENTS) environment.registerVariable(name, "dyn");
  environment.registerVariable("headers", "map<string, string>");
  environment.registerVariable("params", "map<string, dyn>");
  environment.registerFunction("string.linearMatches(string): bool", (text: string, pattern: string) =>
    (written.get(pattern) ?? keep(asked, pattern, MOST_ASKED)).test(text),
  );
  for (const [sign, calculate] of ARITHMETIC) {
    const run = (a: number | bigint, b: number | bigint): number => calculate(Number(a), Number(b));
    environment.registerOperator(`double ${sign} int: double`, run);
    environment.registerOperator(`int ${sign} double: double`, run);
  }
  environment.registerOperator("double % double: double", (a: number, b: number) => a % b);
  return environment;
}

/** What came of an expression: whether it holds, or why that cannot be told. */
export type Outcome = boolean | string;

/** A condition ready to run. */
export interface Condition {
  /** Without these it cannot hold: looked at first, for that costs a fraction of running it. */
  readonly needed: Needed;
  /** Its parts that must all hold, as they are written; one = it has no parts. */
  readonly parts: readonly string[];
  run(variables: RuleVariables): Outcome;
}

/** It cannot be used; the message says where and why, on several lines. */
export class ExpressionError extends Error {}

interface Parsed {
  (variables: RuleVariables): unknown;
  readonly ast: unknown;
  check(): { readonly valid: boolean; readonly type?: string; readonly error?: { readonly message: string } };
}

let environment: Environment | null = null;

/** Reads an expression. Throws ExpressionError. */
export function readCondition(text: string): Condition {
  if (text.length > LONGEST_EXPRESSION)
    throw new ExpressionError(`the expression is longer than ${LONGEST_EXPRESSION} characters`);
  environment ??= createEnvironment();
  let parsed: Parsed;
  try {
    parsed = environment.parse(text) as unknown as Parsed;
  } catch (error) {
    throw new ExpressionError(messageOf(error));
  }
  const tree = parsed.ast as AstNode;
  const problem = prepare(tree);
  if (problem !== null) throw new ExpressionError(problem);
  checkPatterns(tree, text);
  checkType(parsed);
  return { needed: neededNames(tree), parts: partsOf(tree, text), run: (variables) => runParsed(parsed, variables) };
}

function checkType(parsed: Parsed): void {
  const checked = parsed.check();
  if (!checked.valid) throw new ExpressionError(checked.error?.message ?? "the expression is not valid");
  const { type } = checked;
  if (type !== "bool" && type !== "dyn")
    throw new ExpressionError(`the expression is a ${type}, and must be true or false`);
}

/** Patterns that are written in the expression are read now, so that their faults are told where they stand. */
function checkPatterns(node: AstNode, text: string): void {
  if (isCallOf(node, "linearMatches")) {
    const [pattern] = node.args[2] as AstNode[];
    if (pattern?.op === "value" && typeof pattern.args === "string") checkPattern(pattern.args, pattern.start, text);
  }
  for (const child of childrenOf(node)) checkPatterns(child, text);
}

function checkPattern(pattern: string, start: number, text: string): void {
  try {
    keep(written, pattern, MOST_WRITTEN);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new ExpressionError(
      `the pattern of matches() cannot be used: ${error.message}\n\n${pointAt(text, start + 1 + error.position)}`,
    );
  }
}

/** The line of a place, and a caret under it. */
function pointAt(text: string, position: number): string {
  const before = text.slice(0, position);
  const lineStart = before.lastIndexOf("\n") + 1;
  const [line = ""] = text.slice(lineStart).split("\n", 1);
  const number = String(before.split("\n").length).padStart(4);
  return `> ${number} | ${line}\n${" ".repeat(9 + position - lineStart)}^`;
}

/** The parts of `a && b && c`, as they are written. */
function partsOf(tree: AstNode, text: string): string[] {
  if (tree.op !== "&&") return [text.slice(tree.start, tree.end).trim()];
  return childrenOf(tree).flatMap((child) => partsOf(child, text));
}

/** A stack for an error that only says "no" costs more than the expression. */
function runParsed(parsed: Parsed, variables: RuleVariables): Outcome {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    const value = parsed(variables);
    return typeof value === "boolean" ? value : "the expression gives neither true nor false";
  } catch (error) {
    return whyNot(error);
  } finally {
    Error.stackTraceLimit = before;
  }
}

function whyNot(error: unknown): string {
  const { code, summary } = error as { code?: unknown; summary?: unknown };
  const text = typeof summary === "string" ? summary : messageOf(error);
  const key = code === "no_such_key" ? /^No such key: (.*)$/s.exec(text)?.[1] : undefined;
  const said = key === undefined ? text : `${key} is absent`;
  return said.length > 200 ? `${said.slice(0, 200)}…` : said;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The condition, or what is wrong with it. */
export function tryCondition(text: string): Condition | string {
  try {
    return readCondition(text);
  } catch (error) {
    if (error instanceof ExpressionError) return error.message;
    return `the expression cannot be read: ${messageOf(error)}`;
  }
}

/** What is wrong with the condition of a rule, with the place under a caret; null = nothing. The empty one matches everything. */
export function expressionProblem(text: string): string | null {
  const condition = text.trim() === "" ? null : tryCondition(text);
  return typeof condition === "string" ? condition : null;
}
