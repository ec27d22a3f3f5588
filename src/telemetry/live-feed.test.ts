// What the loop tells of running requests: nothing without a viewer, merged, filtered, summed up, and never more than is taken.
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import type { Attempt, Exchange } from "../core/exchange.ts";
import { type ExchangeSpec, fixtureAttempt, fixtureExchange } from "../core/exchange-fixture.ts";
import type { LiveFilter, LiveMessage } from "../core/live-watch.ts";
import { LiveFeed } from "./live-feed.ts";

let sent: LiveMessage[] = [];
let feed: LiveFeed;
let lastId = 0;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  sent = [];
  feed = new LiveFeed({ send: (message) => sent.push(message) > 0, now: () => 1000 });
});

afterEach(() => {
  feed.stop();
  mock.timers.reset();
});

/** A request under way; `settle` ends it. */
function running(spec: ExchangeSpec = {}): Exchange {
  const exchange = fixtureExchange({ id: `r${++lastId}`, model: "openai/gpt-4o", endedAt: 500, ...spec });
  exchange.settled = false;
  return exchange;
}

function settle(exchange: Exchange): void {
  exchange.settled = true;
  feed.tap?.finished(exchange);
}

function watch(...filters: LiveFilter[]): void {
  feed.receive({ type: "live-watch", lenses: filters.map((filter, id) => ({ id, filter })) });
}

const taken = (): void => feed.receive({ type: "live-taken" });
const news = () => sent.flatMap((message) => message.news);

test("nobody is told anything while nobody watches, and nothing is kept", () => {
  const isWatched = (): boolean => feed.tap !== null;
  assert.equal(isWatched(), false);
  watch({});
  assert.equal(isWatched(), true);
  feed.tap?.started(running());
  feed.receive({ type: "live-watch", lenses: [] });
  assert.equal(isWatched(), false);
  mock.timers.tick(5000);
  assert.deepEqual(sent, []);
});

test("what happens to a request within one hand-over is told as one event, the last", () => {
  watch({});
  const [one, other] = [running(), running()];
  feed.tap?.started(one);
  feed.tap?.attempted(one);
  feed.tap?.started(other);
  feed.tap?.firstToken(one);
  mock.timers.tick(19);
  assert.equal(sent.length, 0);
  mock.timers.tick(1);
  assert.deepEqual(
    news().map(({ type, request, lenses }) => [type, request.id, request.status, lenses]),
    [
      ["request.first_token", one.id, "processing", [0]],
      ["request.started", other.id, "processing", [0]],
    ],
  );
  settle(one);
  mock.timers.tick(20);
  assert.deepEqual([news()[2]?.type, news()[2]?.request.status], ["request.finished", "success"]);
  assert.ok((news()[2]?.request.latency ?? 0) > 0);
});

test("a settled request is read at once: nothing of it is held until the hand-over", () => {
  watch({});
  const exchange = running();
  feed.tap?.started(exchange);
  settle(exchange);
  exchange.model = "changed later";
  mock.timers.tick(20);
  assert.equal(news()[0]?.request.requested_model, "openai/gpt-4o");
});

test("a filter shows a request from the moment that it holds to its end", () => {
  watch(
    { providers: ["azure"] },
    { status: ["error"] },
    { users: ["ann"], models: ["gpt-4o"] },
    { virtualKeys: ["Team A"] },
  );
  const attempts: Attempt[] = [fixtureAttempt({ provider: "openai", model: "gpt-4o" })];
  const exchange = running({ attempts, userId: "ann", virtualKey: { id: "vk-1", name: "Team A" }, outcome: "error" });
  exchange.answeredBy = null;
  feed.tap?.started(exchange);
  mock.timers.tick(20);
  exchange.attempts.push(fixtureAttempt({ provider: "azure", model: "gpt-4o", fallbackIndex: 1 }));
  feed.tap?.attempted(exchange);
  mock.timers.tick(20);
  settle(exchange);
  mock.timers.tick(20);
  assert.deepEqual(
    news().map(({ lenses }) => [...lenses].toSorted()),
    [
      [2, 3],
      [0, 2, 3],
      [0, 1, 2, 3],
    ],
  );
  settle(running({ userId: "bob" }));
  mock.timers.tick(20);
  assert.equal(news().length, 3);
});

test("more than 200 in a second are summed up for the filter that sees them, and shown again when it is calm", () => {
  watch({}, { users: ["ann"] });
  const early = running();
  feed.tap?.started(early);
  for (let n = 0; n < 1000; n++) settle(running(n % 4 === 0 ? { outcome: "error" } : {}));
  settle(running({ userId: "ann" }));
  settle(early);
  mock.timers.tick(20);
  const shown = news().filter(({ lenses }) => lenses.includes(0));
  assert.equal(shown.length, 200);
  assert.ok(shown.some(({ request, type }) => request.id === early.id && type === "request.finished"));
  assert.equal(news().filter(({ lenses }) => lenses.includes(1)).length, 1);
  mock.timers.tick(1000);
  mock.timers.tick(20);
  const [sum, ...more] = sent.flatMap((message) => message.sums);
  assert.equal(more.length, 0);
  assert.equal(sum?.lens, 0);
  const { success = 0, error = 0, cancelled = 0, byProvider = {} } = sum ?? {};
  assert.equal(success + error + cancelled + shown.length, 1002);
  assert.ok(error > 150 && error <= 250);
  assert.ok((Object.values(byProvider)[0]?.requests ?? 0) > 700);
  mock.timers.tick(1000);
  settle(running());
  mock.timers.tick(20);
  assert.deepEqual(news().at(-1)?.lenses, [0]);
});

test("a control plane that takes nothing is not sent more and more; what happens meanwhile is merged", () => {
  watch({});
  const exchange = running();
  for (let n = 0; n < 100; n++) {
    feed.tap?.attempted(exchange);
    mock.timers.tick(20);
  }
  const before = sent.length;
  assert.ok(before <= 25);
  settle(exchange);
  mock.timers.tick(100);
  assert.equal(sent.length, before);
  taken();
  mock.timers.tick(20);
  assert.equal(sent.length, before + 1);
  assert.equal(news().at(-1)?.type, "request.finished");
});

test("a control plane that was started again is told nothing until it watches", () => {
  watch({});
  feed.tap?.started(running());
  feed.stop();
  assert.equal(feed.tap, null);
  mock.timers.tick(2000);
  assert.deepEqual(sent, []);
});
