// How complexity is told, by configuration: both spellings, what is built in for what is left out, boundaries in order.
import assert from "node:assert/strict";
import { test } from "node:test";
import { STANDARD_COMPLEXITY } from "../core/complexity.ts";
import { complexityEntity, showComplexity } from "./complexity.ts";
import { loadObject } from "./testing.ts";

const load = (config: unknown) => loadObject({ governance: { complexity_analyzer_config: config } });
const entityOf = (config: unknown) => load(config).entities.find(({ kind }) => kind === "complexity");

test("what is left out is as it is built in, and what is built in needs no entity", () => {
  const entity = entityOf({
    tier_boundaries: { simple_medium: 0.2 },
    keywords: { code_keywords: [" Kotlin ", "kotlin"] },
  });
  assert.deepEqual(entity, { ...STANDARD_COMPLEXITY, medium: 0.2, codeWords: ["kotlin"] });
  assert.equal(entityOf({}), undefined);
  assert.equal(complexityEntity(showComplexity(null) as never), null);
});

test("the other spelling means the same", () => {
  const entity = entityOf({ thresholds: { simple: 0.1, medium: 0.2, complex: 0.3 }, words: { simple: [] } });
  assert.deepEqual(entity, { ...STANDARD_COMPLEXITY, medium: 0.1, complex: 0.2, reasoning: 0.3, simpleWords: [] });
});

test("boundaries out of order are refused", () => {
  assert.throws(
    () => load({ tier_boundaries: { simple_medium: 0.5 } }),
    /tier_boundaries are not in order[^]*0\.5, 0\.35, 0\.6/,
  );
});

test("classifiers that ask a model are named as not supported yet", () => {
  const { warnings } = load({ semantic: { provider: "openai" }, llm: { model: "m" } });
  assert.equal(warnings.filter(({ code }) => code === "not-supported-yet").length, 2);
});
