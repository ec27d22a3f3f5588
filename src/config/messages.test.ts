// Tests of what people are told about their configuration: every fixture beside the text that it must bring forth.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { test } from "node:test";
import { loadText } from "./testing.ts";

const FIXTURES = new URL("./fixtures/", import.meta.url);
const ENVIRONMENT = { OPENAI_API_KEY: "sk-canary-openai", ANTHROPIC_API_KEY: "sk-canary-anthropic" };

/** The whole result as one text. */
function messages(text: string): string {
  const result = loadText(text, ENVIRONMENT);
  const errors = result.ok ? [] : result.errors;
  const findings = [...errors, ...result.warnings].map(
    (finding) => `${finding.severity} ${finding.code}\n${finding.text}`,
  );
  return `${[result.ok ? "starts" : "refused", ...findings].join("\n\n")}\n`;
}

const files = readdirSync(FIXTURES).filter((name) => name.endsWith(".json"));

for (const file of files) {
  test(`tells what is wrong with ${basename(file, ".json")}`, () => {
    const found = messages(readFileSync(new URL(file, FIXTURES), "utf8"));
    const beside = new URL(file.replace(/\.json$/, ".txt"), FIXTURES);
    // UPDATE_FIXTURES=1 writes the texts anew; read the difference before keeping it
    if (process.env.UPDATE_FIXTURES === "1") writeFileSync(beside, found);
    assert.equal(found, readFileSync(beside, "utf8"));
    assert.doesNotMatch(found, /canary/, "a secret is shown");
  });
}

test("there are fixtures", () => {
  assert.ok(files.length >= 25, `${files.length} fixtures`);
});
