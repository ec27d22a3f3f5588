// What the API told, kept for those who show it: given up, overtaken, asked for by two, forgotten.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Answers } from "./answers.ts";

interface Asked {
  readonly path: string;
  readonly signal: AbortSignal;
  answer(data: unknown): void;
  fail(error: Error): void;
}

/** Answers of which each call is ended by hand; given up, it rejects as fetch does. */
function byHand() {
  const asked: Asked[] = [];
  const answers = new Answers(
    (path, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
        asked.push({ path, signal, answer: resolve, fail: reject });
      }),
  );
  return { answers, asked };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("two who show the same ask once, and the first one's leaving gives nothing up", async () => {
  const { answers, asked } = byHand();
  const answer = answers.of("/a");
  const leave = answers.use(answer);
  answers.use(answer);
  assert.equal(asked.length, 1);
  leave();
  assert.equal(asked[0]?.signal.aborted, false);
  asked[0]?.answer(1);
  await turn();
  assert.equal(answer.data, 1);
  assert.equal(answer.call, null);
});

test("what was given up is asked for again by the next one, also before the old call has noticed", async () => {
  const { answers, asked } = byHand();
  const answer = answers.of("/a");
  answers.use(answer)();
  assert.equal(asked[0]?.signal.aborted, true);
  answers.use(answers.of("/a"));
  assert.equal(asked.length, 2);
  await turn();
  assert.equal(answer.error, null, "giving up is no failure");
  asked[1]?.answer("new");
  await turn();
  assert.equal(answer.data, "new");
  assert.equal(answers.awaited.value, 0);
});

test("an overtaken call neither shows its answer nor ends the wait: whoever asked waits for the newest", async () => {
  const { answers, asked } = byHand();
  const answer = answers.of("/a");
  answers.use(answer);
  let ended = 0;
  void answers.ask(answer).then(() => ended++);
  void answers.refresh("/a").then(() => ended++);
  assert.equal(asked.length, 3);
  asked[0]?.answer("oldest");
  asked[1]?.answer("older");
  await turn();
  assert.equal(answer.data, undefined);
  assert.equal(ended, 0);
  asked[2]?.answer("newest");
  await turn();
  assert.equal(answer.data, "newest");
  assert.equal(ended, 2);
});

test("an answer after the last one left is dropped, and nobody waits for ever", async () => {
  const { answers, asked } = byHand();
  const answer = answers.of("/a");
  const leave = answers.use(answer);
  const waiting = answers.ask(answer);
  leave();
  asked[1]?.answer("late");
  await waiting;
  assert.equal(answer.data, undefined);
  assert.equal(answers.awaited.value, 0);
});

test("a failure is told, keeps the data of before, and goes with the next answer", async () => {
  const { answers, asked } = byHand();
  const answer = answers.of("/a");
  answers.use(answer);
  asked[0]?.answer(1);
  await turn();
  const seen = answer.changed.peek();
  void answers.ask(answer);
  asked[1]?.fail(new Error("no"));
  await turn();
  assert.equal(answer.data, 1);
  assert.match(answer.error?.message ?? "", /no/);
  assert.ok(answer.changed.peek() > seen);
  void answers.ask(answer);
  asked[2]?.answer(2);
  await turn();
  assert.equal(answer.error, null);
  assert.equal(answer.data, 2);
});

test("a refresh forgets what nobody shows; what was forgotten under a drawing is asked for by the next one", async () => {
  const { answers, asked } = byHand();
  const drawn = answers.of("/keys/1");
  await answers.refresh("/keys");
  assert.equal(asked.length, 0);
  const next = answers.of("/keys/1");
  assert.notEqual(next, drawn);
  answers.use(next);
  assert.equal(asked.length, 1);
});

test("of what nobody shows the oldest goes, of what is shown nothing", () => {
  const { answers } = byHand();
  const shown = answers.of("/shown");
  answers.use(shown);
  const first = answers.of("/first");
  for (let count = 0; count < 100; count++) answers.of(`/${count}`);
  assert.equal(answers.of("/shown"), shown);
  assert.notEqual(answers.of("/first"), first);
});
