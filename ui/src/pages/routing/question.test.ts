// The simulator's form: addresses, bodies, command lines.
import assert from "node:assert/strict";
import { test } from "node:test";
import { commandOf, curlOf, NO_QUESTION, questionOf, questionQuery, simulationBody, troublesOf } from "./question.ts";

const FULL = {
  model: "gpt-4o",
  virtualKey: "vk-1",
  headers: "x-tier: gold\nx-b: it's",
  params: '{"temperature":0.2}',
  text: "hello",
  down: ["azure", "openai/gpt-4o"],
  exhausted: ["groq"],
  resting: ["main"],
};

test("a question survives the address of the page", () => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(questionQuery(FULL))) if (value !== null) query.set(name, value);
  assert.deepEqual(questionOf(query), FULL);
});

test("an empty form leaves nothing in the address", () => {
  assert.ok(Object.values(questionQuery(NO_QUESTION)).every((value) => value === null));
});

test("the body carries only what was filled in", () => {
  assert.deepEqual(simulationBody({ ...NO_QUESTION, model: " gpt-4o " }, 0), { body: { model: "gpt-4o" } });
  assert.deepEqual(simulationBody(FULL), {
    body: { temperature: 0.2, model: "gpt-4o", messages: [{ role: "user", content: "hello" }] },
    virtual_key: "vk-1",
    headers: { "x-tier": "gold", "x-b": "it's" },
    assume: { down: ["azure", "openai/gpt-4o"], exhausted: ["groq"], resting_keys: ["main"] },
    draws: 10_000,
  });
});

test("what cannot be sent is told at its field", () => {
  const fields = troublesOf({ ...NO_QUESTION, headers: "nothing", params: "[1]" }).map(({ field }) => field);
  assert.deepEqual(fields, ["model", "headers", "params"]);
  assert.deepEqual(troublesOf(FULL), []);
});

test("curl and the command line say the same, quoted for a shell", () => {
  assert.match(curlOf(FULL, "http://h"), /it'\\''s/);
  assert.equal(
    commandOf(FULL, "http://h:1"),
    "drawbridge route gpt-4o -vk vk-1 -header 'x-tier: gold' -header 'x-b: it'\\''s' -param temperature=0.2 -text hello -down azure,openai/gpt-4o -exhausted groq -resting main -draws 10000 -url http://h:1",
  );
});
