// Reads the values of log parameters: lists, choices, numbers, times and amounts, each refused by name, value and remedy.
import { GatewayError } from "../core/errors.ts";
import { nearestName } from "../lib/nearest.ts";

/** Longest piece of a caller's text that an error repeats. */
const LONGEST_SHOWN = 100;

/** A caller's text as an error repeats it. */
export function shown(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

/** Throws: what was given, and what is taken instead. */
export function refuse(name: string, value: string, expected: string): never {
  throw new GatewayError("invalid_request", `query parameter '${name}' must be ${expected}, not '${shown(value)}'`, {
    param: name,
  });
}

/** A parameter that is none of the `known` ones; `word`: what the caller calls one. */
export function unknownParameter(name: string, known: Iterable<string>, word = "query parameter"): GatewayError {
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? "" : `; did you mean '${nearest}'?`;
  return new GatewayError("invalid_request", `unknown ${word} '${shown(name)}'${hint}`, { param: shown(name) });
}

/** One of a few words. */
export function choice<T extends string>(value: string, name: string, choices: readonly T[]): T {
  const found = choices.find((entry) => entry === value);
  if (found !== undefined) return found;
  const nearest = nearestName(value, choices);
  const hint = nearest === undefined ? "" : ` (did you mean '${nearest}'?)`;
  return refuse(name, value, `one of ${choices.join(", ")}${hint}`);
}

export function flag(value: string, name: string): boolean {
  return choice(value, name, ["true", "false"]) === "true";
}

export function wholeNumber(value: string, name: string, from: number): number {
  const count = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  return count >= from ? count : refuse(name, value, `a whole number from ${from} on`);
}

/** RFC 3339, in unix ms. A plus sign that nobody escaped arrives as a space. */
export function time(value: string, name: string): number {
  const text = value.replace(/ (?=\d{2}:?\d{2}$)/, "+");
  const at = /^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:?\d{2})?)?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  return Number.isNaN(at) ? refuse(name, value, "a time such as 2026-05-01T12:00:00Z") : at;
}

/** USD as people write it, in nano-dollars. Half a nano-dollar is no bound of anything. */
export function dollars(value: string, name: string): number {
  const nano = /^\d{1,7}(\.\d{1,15})?(e-?\d{1,2})?$/i.test(value) ? Math.round(Number(value) * 1e9) : Number.NaN;
  return Number.isSafeInteger(nano) ? nano : refuse(name, value, "an amount in USD such as 0.25");
}

/** What stands between commas. */
export function list(value: string): string[] {
  return value
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}
