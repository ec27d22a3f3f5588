// What every store of the request log must do with what requests tell of themselves, with sums, and with whole contents.
import assert from "node:assert/strict";
import type { ExchangeSpec } from "../../core/exchange-fixture.ts";
import type { AssembleText, LogQuery } from "../../core/stores.ts";
import { type Check, checks, EVERYTHING, failedOver, ids, type LogStoreUnderTest, START } from "./log-store.ts";

/** So many minutes behind a whole hour, Unix ms. */
const at = (minutes: number): number => Math.floor(START / 3_600_000) * 3_600_000 + minutes * 60_000;

/** Runs the suite. `open` gives a fresh store. */
export function logSumsContract(name: string, open: (assemble: AssembleText) => LogStoreUnderTest): void {
  const check = checks(name, open);
  dimensionTests(check);
  wholeTests(check);
}

function dimensionTests(check: Check): void {
  const people: ExchangeSpec[] = [
    { id: "u1", userId: "ann", app: "cli", sessionId: "s1", tags: [["team", "red"]], userAgent: "a/1" },
    { id: "u2", userId: "ben", app: "cli", sessionId: "s1", tags: [["team", "blue"]], model: "m2" },
    { id: "u3", userId: "ann", app: "web", attempts: [{ outcome: "server-error", status: 500 }, {}] },
  ];

  check("what requests tell of themselves is filtered by, tags too", ({ reader }, feed) => {
    feed.write(people);
    const found = (query: Partial<LogQuery>): string[] => ids(reader, query).sort();
    assert.deepEqual(found({ userIds: ["ann"] }), ["u1", "u3"]);
    assert.deepEqual(found({ apps: ["cli"], userIds: ["ben", "ann"] }), ["u1", "u2"]);
    assert.deepEqual(found({ sessionIds: ["s1"] }), ["u1", "u2"]);
    assert.deepEqual(found({ userAgents: ["a/1"] }), ["u1"]);
    assert.deepEqual(found({ tags: { team: ["red", "green"] } }), ["u1"]);
    assert.deepEqual(found({ tags: { other: ["red"] } }), []);
    assert.deepEqual(found({ requestedModels: ["m2"] }), ["u2"]);
    assert.deepEqual(found({ retriedOnly: true }), ["u3"]);
    const row = reader.get("u1");
    assert.deepEqual([row?.user_id, row?.app, row?.session_id, row?.metadata], ["ann", "cli", "s1", { team: "red" }]);
  });

  check("sums go by the values of a dimension, and by time", ({ reader }, feed) => {
    feed.write(people.map((spec, i) => ({ ...spec, acceptedAt: at(i * 40) })));
    const groups = reader.groups({
      filter: EVERYTHING,
      by: "user",
      sortBy: "requests",
      order: "desc",
      limit: 5,
      offset: 0,
    });
    assert.deepEqual(
      groups.map(({ id, count, sums }) => [id, count, sums.retried]),
      [
        ["ann", 2, 1],
        ["ben", 1, 0],
      ],
    );
    const series = reader.series({
      filter: EVERYTHING,
      from: at(0),
      to: at(120),
      bucket: 3_600_000,
      by: "app",
      top: 1,
    });
    assert.deepEqual(
      series.map(({ at: time, group, sums }) => [time - at(0), group?.id, sums.requests]),
      [
        [0, "cli", 2],
        [3_600_000, "other", 1],
      ],
    );
    assert.equal(reader.sums({ ...EVERYTHING, apps: ["cli"] }).requests, 2);
    assert.equal(reader.sums({ ...EVERYTHING, startTime: at(1) }).requests, 2);
  });

  check("values of a dimension are told by how often they were seen, and tags by name", ({ reader }, feed) => {
    feed.write(people);
    assert.deepEqual(
      reader.values("user", "", 9).map(({ id, count }) => [id, count]),
      [
        ["ann", 2],
        ["ben", 1],
      ],
    );
    assert.deepEqual(
      reader.values("user", "BE", 9).map(({ id }) => id),
      ["ben"],
    );
    assert.deepEqual(reader.values("tag:", "", 9), [{ id: "team", name: "team", count: 2 }]);
    assert.equal(reader.values("tag:team", "", 9).length, 2);
  });

  check("removed rows are gone from lists and totals, and still summed up", ({ writer, reader }, feed) => {
    feed.write(people);
    assert.equal(writer.remove(["u1", "nothing", "u1"]), 1);
    assert.equal(reader.get("u1"), null);
    assert.deepEqual(ids(reader, {}), ["u3", "u2"]);
    assert.equal(reader.list(EVERYTHING).pagination.total_count, 2);
    assert.equal(reader.sums(EVERYTHING).requests, 3);
  });
}

function wholeTests(check: Check): void {
  check("a whole content is told with its row, and one without a row is counted", async ({ writer, reader }, feed) => {
    feed.write([{ ...failedOver, id: "whole", contentLevel: "full" }]);
    const input = Buffer.from(
      JSON.stringify({
        model: "x",
        messages: [
          { role: "system", content: "be kind" },
          { role: "user", content: [{ type: "text", text: "look" }, { type: "image_url" }] },
        ],
      }),
    );
    const content = {
      id: "whole",
      acceptedAt: START,
      input,
      inputCut: false,
      output: Buffer.from("data: whole"),
      outputCut: false,
      outputIsStream: true,
      outputDialect: "openai",
    } as const;
    await new Promise<void>((done) => writer.writeContent(content, done));
    await new Promise<void>((done) => writer.writeContent({ ...content, id: "no row" }, done));
    assert.equal(writer.droppedContent, 1);
    const row = reader.get("whole");
    assert.equal(row?.raw_request, input.toString("utf8"));
    assert.equal(row?.raw_response, "data: whole");
    assert.deepEqual(
      row?.input_history.map(({ role, content: text, kind }) => [role, text, kind]),
      [
        ["system", "be kind", undefined],
        ["user", "look\n[image_url]", "image"],
      ],
    );
  });
}
