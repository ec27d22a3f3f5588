// Tests of what is generated from the schema: it is fresh, says something of every member, and judges files as the reader does.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Compile } from "typebox/schema";
import { editorSchema, referenceText, schemaText } from "../../scripts/build-schema.ts";
import { ConfigDocument } from "./document.ts";
import { configSchema } from "./schema/config.ts";
import type { Shape } from "./schema/shape.ts";
import { SourceText } from "./source-text.ts";
import { readSyntax } from "./syntax.ts";
import { readValue } from "./validate.ts";

const root = new URL("../../", import.meta.url);

function text(path: string): string {
  return readFileSync(new URL(path, root), "utf8");
}

test("the generated files are what the schema gives; else run scripts/build-schema.ts", () => {
  assert.equal(text("config.schema.json"), schemaText());
  assert.equal(text("docs/configuration.md"), referenceText());
});

test("the schema for editors holds none of our own words", () => {
  const words = schemaText();
  for (const word of ["secret", "later", "idle", "open", "oneByOne", "expected"])
    assert.doesNotMatch(words, new RegExp(`"${word}": (?!\\{)`), word);
});

/** Every member with its path. */
function* members(shape: Shape, path = ""): Generator<{ path: string; shape: Shape }> {
  for (const [name, member] of Object.entries(shape.properties ?? {})) {
    yield { path: `${path}.${name}`, shape: member };
    yield* members(member, `${path}.${name}`);
  }
  const inner = [shape.items, ...(shape.anyOf ?? []), ...Object.values(shape.patternProperties ?? {})];
  for (const one of inner) if (one !== undefined) yield* members(one, path);
}

test("every member is described, and shows a default or an example where its type does not say enough", () => {
  const bare: string[] = [];
  for (const { path, shape } of members(configSchema as Shape)) {
    // the object form of secrets is explained once
    if (/\.(?:value|ref|type|env_var|from_env)$/.test(path) && shape.description === undefined) continue;
    const holdsBlocks = shape.properties !== undefined || shape.items !== undefined || shape.anyOf !== undefined;
    const saysEnough =
      holdsBlocks || shape.enum !== undefined || shape.idle === true || shape.patternProperties !== undefined;
    const isShown = shape.default !== undefined || shape.examples !== undefined;
    if ((shape.description ?? "") === "" || !(saysEnough || isShown)) bare.push(path);
  }
  assert.deepEqual(bare, []);
});

/** How our reader judges the text: null where it is no sound JSON. */
function judged(content: string): boolean | null {
  const document = new ConfigDocument(new SourceText("config.json", content));
  const value = readSyntax(document);
  // a name that stands twice is no matter of a schema
  if (value === undefined || document.isRefused) return null;
  readValue(document, value, configSchema as Shape, "");
  return !document.isRefused && document.warnings().every(({ code }) => code !== "unknown-member");
}

test("editors judge every sample and every broken file as the reader does", () => {
  const schema = Compile(editorSchema());
  const files = globSync(["src/config/fixtures/*.json", "test/fixtures/broken/*.json", "examples/**/*.json"], {
    cwd: root.pathname,
  });
  let judgedFiles = 0;
  for (const file of files) {
    const content = text(file);
    const own = judged(content);
    // null stands for an absent member with us alone
    if (own === null || /: null\b/.test(content) || /\/[/*]/.test(content)) continue;
    assert.equal(schema.Check(JSON.parse(content)), own, file);
    judgedFiles++;
  }
  assert.ok(judgedFiles > 20, `${judgedFiles} files`);
});
