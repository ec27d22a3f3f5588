// Forms of settings: texts and values, patches, searches.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  changesOf,
  isMeant,
  nested,
  patchText,
  type Setting,
  sectionOf,
  textOf,
  valueOf,
  withDraft,
} from "./settings-form.ts";

const days: Setting = {
  path: "client.log_retention_days",
  section: "client",
  title: "Log retention days",
  description: "",
  type: "integer",
  default: 365,
  value: 30,
  origin: { type: "default" },
};

test("a list is a line for each entry, there and back", () => {
  assert.equal(textOf(["a", "b"]), "a\nb");
  assert.deepEqual(valueOf({ type: "list" }, " a \n\nb\n"), ["a", "b"]);
  assert.deepEqual(valueOf({ type: "list" }, ""), []);
});

test("numbers become numbers, nothing is the default, and nonsense goes to the gateway as it is", () => {
  assert.equal(valueOf(days, "12"), 12);
  assert.equal(valueOf(days, " "), null);
  assert.equal(valueOf(days, "soon"), "soon");
  assert.equal(valueOf({ type: "string or integer" }, "5432"), 5432);
  assert.equal(valueOf({ type: "string" }, "5432"), "5432");
  assert.equal(valueOf({ type: "boolean" }, "true"), true);
});

test("a draft that says what holds is none", () => {
  const drafts = withDraft({}, days, "31");
  assert.deepEqual(changesOf([days], drafts), { "client.log_retention_days": 31 });
  assert.deepEqual(withDraft(drafts, days, "30"), {});
});

test("what the file has is never sent, and comes as text to paste", () => {
  const locked = { ...days, locked: { file: "config.json", line: 4 } };
  assert.deepEqual(changesOf([locked], { [locked.path]: "7" }), {});
  assert.deepEqual(JSON.parse(patchText(locked, "7")), { client: { log_retention_days: 7 } });
});

test("members of one block stand together", () => {
  assert.deepEqual(nested({ "a.b.c": 1, "a.b.d": 2, "a.e": 3 }), { a: { b: { c: 1, d: 2 }, e: 3 } });
});

test("settings stand where a person looks for them", () => {
  assert.equal(sectionOf("client.log_max_size_mb"), "record");
  assert.equal(sectionOf("client.allowed_origins"), "requests");
  assert.equal(sectionOf("governance.unpriced_models"), "prices");
  assert.equal(sectionOf("logs_store.config.path"), "stores");
  assert.equal(sectionOf("something.new"), "requests");
});

test("a search wants every word somewhere", () => {
  assert.equal(isMeant("log days", days.path, days.title), true);
  assert.equal(isMeant("log hours", days.path, days.title), false);
});
