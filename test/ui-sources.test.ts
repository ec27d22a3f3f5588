// The sources of the web UI: nothing that is shown is taken for HTML, everything has its caption, files stay small.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

const root = path.resolve(import.meta.dirname, "..");
const files = globSync(["ui/src/**/*.ts", "ui/src/**/*.tsx"], { cwd: root }).toSorted();
const sources = new Map(
  files.filter((file) => !file.endsWith(".test.ts")).map((file) => [file, readFileSync(path.join(root, file), "utf8")]),
);

function where(wrong: (text: string, file: string) => boolean): string[] {
  return [...sources].filter(([file, text]) => wrong(text, file)).map(([file]) => file);
}

test("text of prompts and providers never becomes HTML", () => {
  const ways =
    /dangerouslySetInnerHTML|\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function\(/;
  assert.deepEqual(
    where((text) => ways.test(text)),
    [],
  );
});

test("styles go through properties, since the policy of the pages refuses style attributes", () => {
  assert.deepEqual(
    where((text) => /\bstyle="|setAttribute\(\s*"style"/.test(text)),
    [],
  );
});

function namesOthers(text: string): boolean {
  return /(src|href|url)\s*[=(:]\s*["'`]?https?:\/\//.test(text);
}

function isOdd(text: string): boolean {
  return (
    !/^\/\/ [A-Z"'`0-9/].{10,}/.test(text.split("\n", 1)[0] ?? "") ||
    /^export default/m.test(text) ||
    text.split("\n").length > 500
  );
}

test("nothing of another machine is named", () => {
  assert.deepEqual(where(namesOthers), []);
});

test("every file begins with its caption, has no default export, and stays under 500 lines", () => {
  assert.deepEqual(where(isOdd), []);
});

test("of the gateway only types of the ground are imported", () => {
  const wrong = [...sources].flatMap(([file, text]) =>
    [...text.matchAll(/^import (type )?[^;]*? from "((?:\.\.\/)+src\/[^"]+)"/gm)]
      .filter(([, type, target]) => type === undefined || !/\/src\/(core|lib)\//.test(target ?? ""))
      .map(([, , target]) => `${file} → ${target}`),
  );
  assert.deepEqual(wrong, []);
});
