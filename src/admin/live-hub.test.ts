// The live stream on the control side: ids and resume, merging, filters, summaries, slow viewers, and who is told what.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import type { LiveRequest, LiveTopic } from "../core/live.ts";
import type { LiveFilter, LiveNews, LiveRequestType, LiveWatch } from "../core/live-watch.ts";
import { planeHeaders } from "../lib/channel/bridge-responder.ts";
import { LiveHub, type Watch } from "./live-hub.ts";
import { readLiveQuery } from "./live-query.ts";
import { LiveRing } from "./live-ring.ts";
import { socketText } from "./live-socket.ts";
import { budgetSource, healthSource } from "./live-sources.ts";
import type { LiveViewer } from "./live-viewer.ts";

let told: LiveWatch[] = [];
let hub: LiveHub;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  told = [];
  hub = new LiveHub({ send: (message) => told.push(message), sources: [], now: () => 5, ringSize: 10 });
});

afterEach(() => mock.timers.reset());

function watch(more: Partial<Watch> = {}): Watch {
  const topics: ReadonlySet<LiveTopic> = new Set(["requests", "config"]);
  return { topics, filter: {}, since: null, encode: ({ frame }) => frame, heartbeat: ":\n\n", ...more };
}

function request(id: string): LiveRequest {
  return { id, timestamp: "2026-01-01T00:00:00.000Z" } as LiveRequest;
}

function news(id: string, type: LiveRequestType = "request.finished", lenses = [1]): LiveNews {
  return { type, request: request(id), lenses };
}

function tell(...all: LiveNews[]): void {
  hub.receive({ type: "live", news: all, sums: [], lost: 0 });
}

/** What came so far, an entry an event. */
function reading(viewer: LiveViewer): string[] {
  const seen: string[] = [];
  void (async () => {
    for await (const text of viewer.read())
      for (const frame of text.split("\n\n").filter((one) => one !== "")) {
        const type = /event: (.*)/.exec(frame)?.[1] ?? frame;
        const id = /"id":"([^"]*)"/.exec(frame)?.[1];
        seen.push(id === undefined ? type : `${type} ${id}`);
      }
  })();
  return seen;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const watched = () => told.findLast((message) => message.type === "live-watch");

describe("the hub of viewers", () => {
  it("tells the loop when the first viewer comes, and after a while that the last one left", () => {
    assert.deepEqual(told, []);
    const viewer = hub.join(watch());
    const other = hub.join(watch({ filter: { users: ["ann"] } }));
    assert.equal(watched(), told.at(-1));
    hub.leave(viewer);
    hub.leave(other);
    mock.timers.tick(14_000);
    assert.equal(watched()?.lenses.length, 2);
    mock.timers.tick(2_000);
    assert.deepEqual(watched(), { type: "live-watch", lenses: [] });
  });

  it("merges what happens to a request within 40 ms, and keeps the order of requests", async () => {
    const seen = reading(hub.join(watch()));
    tell(news("a", "request.started"), news("b", "request.started"));
    mock.timers.tick(20);
    tell(news("a", "request.attempt"));
    mock.timers.tick(19);
    await settled();
    assert.deepEqual(seen, []);
    mock.timers.tick(1);
    tell(news("a"));
    mock.timers.tick(40);
    await settled();
    assert.deepEqual(seen, ["request.attempt a", "request.started b", "request.finished a"]);
    assert.equal(told.filter(({ type }) => type === "live-taken").length, 3);
  });

  it("shows viewers of one filter nothing of another", async () => {
    const all = reading(hub.join(watch()));
    const some = reading(hub.join(watch({ filter: { users: ["ann"] } })));
    tell(news("a", "request.finished", [1]), news("b", "request.finished", [1, 2]));
    mock.timers.tick(40);
    await settled();
    assert.deepEqual(all, ["request.finished a", "request.finished b"]);
    assert.deepEqual(some, ["request.finished b"]);
  });

  it("goes on behind the last id, and tells of a gap where events are gone", async () => {
    const first = hub.join(watch());
    tell(news("a"));
    mock.timers.tick(40);
    const at = hub.lastId;
    hub.leave(first);
    tell(news("b"), news("c"));
    mock.timers.tick(40);
    const again = hub.join(watch({ since: at }));
    const seen = reading(again);
    await settled();
    assert.deepEqual(seen, ["request.finished b", "request.finished c"]);
    hub.leave(again);
    for (let n = 0; n < 11; n++) {
      tell(news(`n${n}`));
      mock.timers.tick(40);
    }
    const late = reading(hub.join(watch({ since: at })));
    tell(news("z"));
    mock.timers.tick(40);
    await settled();
    assert.deepEqual(late, ["gap", "request.finished z"]);
  });

  it("tells of a gap to who comes back with a filter that was not watched meanwhile", async () => {
    hub.join(watch({ filter: { users: ["ann"] } }));
    const at = hub.lastId;
    const seen = reading(hub.join(watch({ since: at - 1 })));
    await settled();
    assert.deepEqual(seen, ["gap"]);
  });

  it("sends sums in place of requests to the viewers of that filter", async () => {
    const all = reading(hub.join(watch()));
    const some = reading(hub.join(watch({ filter: { users: ["ann"] } })));
    const sum = { lens: 1, from: 0, to: 1000, success: 5, error: 1, cancelled: 0, byProvider: {} };
    hub.receive({ type: "live", news: [], sums: [sum], lost: 0 });
    await settled();
    assert.deepEqual(all, ["requests.summary"]);
    assert.deepEqual(some, []);
  });

  it("cuts off who takes nothing for five seconds or lets more than a megabyte wait, and nobody else", async () => {
    const clock = { now: performance.now() };
    mock.method(performance, "now", () => clock.now);
    const [quick, slow, flooded] = [hub.join(watch()), hub.join(watch()), hub.join(watch())];
    const seen = reading(quick);
    void reading(flooded);
    await settled();
    tell(news("a"));
    mock.timers.tick(40);
    await settled();
    clock.now += 5001;
    mock.timers.tick(1000);
    assert.deepEqual([quick.cut.aborted, slow.cut.aborted, flooded.cut.aborted], [false, true, false]);
    flooded.push("x".repeat(1024 * 1024 + 1));
    mock.timers.tick(1000);
    assert.equal(flooded.cut.aborted, true);
    assert.equal(hub.viewers, 1);
    assert.deepEqual(seen, ["request.finished a"]);
    mock.restoreAll();
  });

  it("takes 64 viewers, and tells the next one what to do", () => {
    const viewers = Array.from({ length: 64 }, () => hub.join(watch()));
    assert.throws(() => hub.join(watch()), /64 viewers .* close a page/);
    hub.leave(viewers[0] as LiveViewer);
    hub.leave(viewers[0] as LiveViewer);
    hub.join(watch());
    assert.throws(() => hub.join(watch()), { code: "overloaded" });
  });

  it("gives a sign of life each 15 s where nothing is said", async () => {
    const seen = reading(hub.join(watch()));
    for (let n = 0; n < 31; n++) {
      mock.timers.tick(1000);
      await settled();
    }
    assert.deepEqual(seen, [":", ":"]);
  });

  it("tells of changes of the configuration to those who asked for them", async () => {
    const seen = reading(hub.join(watch()));
    const other = reading(hub.join(watch({ topics: new Set<LiveTopic>(["requests"]) })));
    hub.configChanged(7, ["team"]);
    await settled();
    assert.deepEqual(seen, ["config.changed"]);
    assert.deepEqual(other, []);
  });
});

describe("the ring", () => {
  it("gives back what is after an id, and null for what it does not know", () => {
    const ring = new LiveRing(1, 3);
    const start = ring.lastId;
    assert.deepEqual(ring.after(start), []);
    const ids = [1, 2, 3, 4].map(
      (version) => ring.add("config", { type: "config.changed", version, kinds: [] }, null).id,
    );
    assert.equal(ring.after(start), null);
    assert.deepEqual(
      ring.after(ids[0] as number)?.map(({ id }) => id),
      ids.slice(1),
    );
    assert.deepEqual(ring.after(ids[3] as number), []);
    assert.equal(ring.after((ids[3] as number) + 1), null);
    assert.ok(new LiveRing(2).lastId > (ids[3] as number), "ids of a later start are higher");
  });
});

/** Two keys each. */
function provider(name: string) {
  return { name, keys: [1, 2].map((n) => ({ id: `${name}${n}`, name: `k${n}`, enabled: true })) };
}

describe("sources", () => {
  it("tell of providers when they change, and of all to who comes new", async () => {
    const keys = new Map<string, { restUntil: number; reason: "" | "rate limited"; probing: boolean }>();
    const snapshot = { providers: new Map([["a", provider("a")]]) } as never;
    let now = 100;
    const source = healthSource({ snapshot: () => snapshot, state: async () => ({ now, keys }), now: () => now });
    const states = async () =>
      (await source.look()).map((event) => (event.type === "provider.health" ? event.health : null));
    assert.deepEqual(
      (await states()).map((h) => h?.state),
      ["ok"],
    );
    assert.deepEqual(await states(), []);
    keys.set("a1", { restUntil: 500, reason: "rate limited", probing: false });
    now = 200;
    assert.deepEqual(
      (await states()).map((h) => [h?.state, h?.reason, h?.since]),
      [["degraded", 'key "k1": rate limited', 200]],
    );
    keys.set("a2", { restUntil: 500, reason: "", probing: false });
    assert.deepEqual(
      (await states()).map((h) => h?.state),
      ["resting"],
    );
    assert.equal(source.standing().length, 1);
  });

  it("tell of budgets that changed, with their owner", async () => {
    const labels = ["vk-1", "Key", "", "", "", "", "", "", "", "b1", "1d"];
    let used = 1;
    const source = budgetSource(async () => [{ labels, used, limit: 10, uncertain: 0, reserved: 0 }]);
    assert.deepEqual(await source.look(), []);
    assert.deepEqual(await source.look(), []);
    used = 2;
    const budget = { budget_id: "b1", owner: "virtual-key:vk-1", owner_name: "Key", used: 2, limit: 10 };
    assert.deepEqual(await source.look(), [{ type: "budget.changed", budget }]);
  });
});

function read(query: string, headers: [string, string][] = []) {
  return readLiveQuery({ query: new URLSearchParams(query), headers: planeHeaders(headers) } as never);
}

describe("what a viewer asks for", () => {
  it("is read by the names of the log", () => {
    const filter: LiveFilter = { status: ["error"], virtualKeys: ["a", "b"], providers: ["openai"], users: ["ann"] };
    const { topics, since, ...rest } = read(
      "topics=requests,health&since=7&status=error&virtual_key_ids=a,b&providers=openai&user_ids=ann",
    );
    assert.deepEqual(rest, { filter });
    assert.deepEqual([[...topics], since], [["requests", "health"], 7]);
    assert.equal(read("", [["last-event-id", "9"]]).since, 9);
    assert.equal(read("since=8", [["last-event-id", "9"]]).since, 8);
    assert.equal(read("").topics.size, 4);
  });

  it("is refused by name where it makes no sense", () => {
    assert.throws(() => read("topics=request"), /'topics' must be one or more of requests, health/);
    assert.throws(() => read("since=-1"), /'since'/);
    assert.throws(() => read("provider=a"), /no query parameter 'provider'; did you mean 'providers'/);
    assert.throws(() => read("apps="), /'apps'/);
  });
});

describe("the words of /ws", () => {
  it("are rows of finished requests and what to read anew", () => {
    const row = JSON.parse(socketText({ type: "request.finished", request: request("a") }) ?? "");
    assert.deepEqual([row.type, row.data.id, row.data.created_at], ["log", "a", "2026-01-01T00:00:00.000Z"]);
    assert.equal(socketText({ type: "request.started", request: request("a") }), null);
    const change = socketText({ type: "config.changed", version: 1, kinds: ["virtual-key", "team", "unknown"] });
    assert.equal(change, '{"type":"store_update","tags":["VirtualKeys","Teams","Config"]}\n');
  });
});
