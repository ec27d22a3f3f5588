// Tells how complex a request is by the words of what the user said last: four tiers, from SIMPLE to REASONING.
import { STANDARD_COMPLEXITY } from "../../core/complexity.ts";
import type { ComplexityEntity } from "../../core/entities.ts";

/** Of a longer text its first and its last so many characters are looked at. */
const END = 16 * 1024;
/** So many different words of a kind, or words of text, are the most that counts. */
const ENOUGH_WORDS = 3;
const LONG_TEXT = 400;
/** A block of code counts as so many words of code. */
const CODE_BLOCK = 2;

export type ComplexityTier = "SIMPLE" | "MEDIUM" | "COMPLEX" | "REASONING";

/** Words as they are looked up: single ones, and those that begin a phrase. */
interface WordList {
  readonly words: ReadonlySet<string>;
  /** By its first word: the words that follow. */
  readonly phrases: ReadonlyMap<string, readonly (readonly string[])[]>;
}

interface WordLists {
  readonly code: WordList;
  readonly reasoning: WordList;
  readonly technical: WordList;
  readonly simple: WordList;
}

const lists = new WeakMap<ComplexityEntity, WordLists>();

/** Letters, digits and what stands within names (`c++`, `c#`, `trade-off`). */
const WORD = /[\p{L}\p{N}_]+(?:[-'][\p{L}\p{N}_]+)*(?:\+\+|#)?/gu;

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(WORD) ?? [];
}

function listOf(entries: readonly string[]): WordList {
  const words = new Set<string>();
  const phrases = new Map<string, string[][]>();
  for (const entry of entries) {
    const [first, ...rest] = wordsOf(entry);
    if (first === undefined) continue;
    if (rest.length === 0) words.add(first);
    else phrases.set(first, [...(phrases.get(first) ?? []), rest]);
  }
  return { words, phrases };
}

function listsOf(entity: ComplexityEntity): WordLists {
  let known = lists.get(entity);
  if (known === undefined) {
    const { codeWords, reasoningWords, technicalWords, simpleWords } = entity;
    known = {
      code: listOf(codeWords),
      reasoning: listOf(reasoningWords),
      technical: listOf(technicalWords),
      simple: listOf(simpleWords),
    };
    lists.set(entity, known);
  }
  return known;
}

/** How many different entries of the list the text has. */
function countIn(words: readonly string[], list: WordList): number {
  const found = new Set<string>();
  for (const [index, word] of words.entries()) {
    if (list.words.has(word)) found.add(word);
    for (const rest of list.phrases.get(word) ?? [])
      if (rest.every((next, at) => words[index + 1 + at] === next)) found.add(`${word} ${rest.join(" ")}`);
  }
  return found.size;
}

function ends(text: string): string {
  return text.length <= 2 * END ? text : `${text.slice(0, END)}\n${text.slice(-END)}`;
}

function share(count: number): number {
  return Math.min(1, count / ENOUGH_WORDS);
}

/** From 0 to 1: .30 code + .25 reasoning + .25 technical + .10 length − .05 simple. */
export function complexityScore(text: string, entity: ComplexityEntity): number {
  const { code, reasoning, technical, simple } = listsOf(entity);
  const seen = ends(text);
  const words = wordsOf(seen);
  const codeWords = countIn(words, code) + (seen.includes("```") ? CODE_BLOCK : 0);
  const score =
    0.3 * share(codeWords) +
    0.25 * share(countIn(words, reasoning)) +
    0.25 * share(countIn(words, technical)) +
    0.1 * Math.min(1, words.length / LONG_TEXT) -
    (countIn(words, simple) > 0 ? 0.05 : 0);
  return Math.min(1, Math.max(0, score));
}

/** The tier of a text. `entity`: null = as it is built in. */
export function complexityTier(text: string, entity: ComplexityEntity | null): ComplexityTier {
  const by = entity ?? STANDARD_COMPLEXITY;
  const score = complexityScore(text, by);
  if (score >= by.reasoning) return "REASONING";
  if (score >= by.complex) return "COMPLEX";
  return score >= by.medium ? "MEDIUM" : "SIMPLE";
}
