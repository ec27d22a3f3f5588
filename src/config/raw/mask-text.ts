// Masks the secrets of a configuration's text where they stand, and puts them back where a text comes back with its masks.
import { getNodeValue, type Node, type ParseError, parseTree, visit } from "jsonc-parser";
import type { JsonObject, JsonValue } from "../../core/config-store.ts";
import { isObject, pointerOf } from "../book/pointers.ts";
import { isReference, maskSecret, takeSecrets } from "../book/secrets.ts";
import { configSchema } from "../schema/config.ts";
import type { Shape } from "../validate.ts";

/** What a text hides. */
export interface MaskedText {
  readonly text: string;
  /** JSON Pointer of a text → its secret. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** A text in which every mask is a secret again, or where that could not be told. */
export type UnmaskedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly offset: number; readonly pointer: string };

/** A credential by its look, wherever it stands. */
const LOOKS_SECRET = /^(?:sk|pk|vk|xai|gsk|csk|AIza|eyJ)[-_A-Z0-9]\S{6,}$/;
const LOOKS_MASKED = /^\S{0,4}\*{8,}\S{0,4}$/;
/** A name and password within an address. */
const IN_ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/[^/@\s]+@/i;

/** Null: the text is no JSON, so that nobody can tell what in it is secret. */
export function maskText(text: string): MaskedText | null {
  const tree = treeOf(text);
  if (tree === null) return null;
  const found = secretsIn(tree);
  const secrets = new Map([...found].map(([pointer, node]) => [pointer, getNodeValue(node) as string]));
  const edits: Edit[] = [...found.values()].map((node) => ({ node, to: maskSecret(getNodeValue(node) as string) }));
  for (const { offset, word } of secretsInComments(text)) {
    secrets.set(`comment ${offset}`, word);
    edits.push({ node: { offset, length: word.length }, to: maskSecret(word), isBare: true });
  }
  return { text: replaced(text, edits), secrets };
}

/** `original`: the text that was masked before it was shown. A text that is no JSON comes back as it is: it is refused as such. */
export function unmaskText(text: string, original: string): UnmaskedText {
  const tree = treeOf(text);
  const held = maskText(original);
  if (tree === null || held === null) return { ok: true, text };
  const byMask = new Map<string, Set<string>>();
  for (const secret of held.secrets.values()) {
    const mask = maskSecret(secret);
    byMask.set(mask, (byMask.get(mask) ?? new Set()).add(secret));
  }
  const originals = new Set(stringsOf(treeOf(original)).map(({ node }) => getNodeValue(node) as string));
  const edits: Edit[] = [];
  for (const { pointer, node } of stringsOf(tree)) {
    const value = getNodeValue(node) as string;
    const own = held.secrets.get(pointer);
    const others = byMask.get(value);
    if (own !== undefined && maskSecret(own) === value) edits.push({ node, to: own });
    else if (others?.size === 1) edits.push({ node, to: [...others][0] as string });
    // a text that is a mask in the original too hides nothing that could be put back
    else if (others !== undefined || (LOOKS_MASKED.test(value) && !originals.has(value)))
      return { ok: false, offset: node.offset, pointer };
  }
  for (const { offset, word } of wordsInComments(text)) {
    const secrets = byMask.get(word);
    if (secrets?.size === 1)
      edits.push({ node: { offset, length: word.length }, to: [...secrets][0] as string, isBare: true });
  }
  return { ok: true, text: replaced(text, edits) };
}

interface Edit {
  readonly node: Pick<Node, "offset" | "length">;
  readonly to: string;
  /** Not a text in quotes. */
  readonly isBare?: true;
}

/** Somebody may have put an old key behind two slashes. */
function secretsInComments(text: string): { offset: number; word: string }[] {
  return wordsInComments(text).filter(({ word }) => LOOKS_SECRET.test(word) || IN_ADDRESS.test(word));
}

function wordsInComments(text: string): { offset: number; word: string }[] {
  const found: { offset: number; word: string }[] = [];
  visit(text, {
    onComment(start, length) {
      for (const match of text.slice(start, start + length).matchAll(/[^\s"',;]+/g))
        found.push({ offset: start + match.index, word: match[0] });
    },
  });
  return found;
}

function replaced(text: string, edits: readonly Edit[]): string {
  let result = text;
  for (const { node, to, isBare } of [...edits].sort((a, b) => b.node.offset - a.node.offset)) {
    const written = isBare === true ? to : JSON.stringify(to);
    result = result.slice(0, node.offset) + written + result.slice(node.offset + node.length);
  }
  return result;
}

function treeOf(text: string): Node | null {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  return tree === undefined || errors.length > 0 ? null : tree;
}

/** Pointer → the node of the text that is secret. Of the object form of a secret the member that holds it. */
function secretsIn(tree: Node): Map<string, Node> {
  const value = getNodeValue(tree) as JsonValue;
  const strings = new Map(stringsOf(tree).map(({ pointer, node }) => [pointer, node]));
  const found = new Map<string, Node>();
  const taken = isObject(value) ? takeSecrets(value as JsonObject, configSchema as Shape).secrets : {};
  for (const pointer of Object.keys(taken))
    for (const place of [pointer, `${pointer}/value`]) {
      const node = strings.get(place);
      if (node !== undefined) found.set(place, node);
    }
  for (const [pointer, node] of strings) {
    const text = getNodeValue(node) as string;
    if (!isReference(text) && (LOOKS_SECRET.test(text) || IN_ADDRESS.test(text))) found.set(pointer, node);
  }
  return found;
}

function stringsOf(tree: Node | null): { pointer: string; node: Node }[] {
  const found: { pointer: string; node: Node }[] = [];
  const walk = (node: Node, path: readonly (string | number)[]): void => {
    if (node.type === "string") found.push({ pointer: pointerOf(path), node });
    else if (node.type === "array") (node.children ?? []).forEach((item, index) => walk(item, [...path, index]));
    else if (node.type === "object")
      for (const { children } of node.children ?? []) {
        const [name, member] = children ?? [];
        if (name !== undefined && member !== undefined) walk(member, [...path, String(name.value)]);
      }
  };
  if (tree !== null) walk(tree, []);
  return found;
}
