// Exports of the log: what a stream holds, how it is guarded, and that it ends when nobody listens; deleting and what was dropped.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GatewayError } from "../core/errors.ts";
import { type LogRow, type LogWriter, StoreRefusedError } from "../core/stores.ts";
import { type PlaneAnswer, planeHeaders } from "../lib/channel/bridge-responder.ts";
import { callRoute, testHouse } from "./fixtures/house.ts";
import { FakeLogReader, logRow } from "./fixtures/log-reader.ts";
import { csvCell } from "./log-csv.ts";
import { logRoutes } from "./logs.ts";
import { writtenLogRoutes } from "./logs-deleted.ts";
import { createRouter } from "./router.ts";

const NOW = Date.parse("2026-05-01T12:00:00Z");

function readerOf(count: number, more: (index: number) => Partial<LogRow> = () => ({})): FakeLogReader {
  const row = (_: unknown, index: number): LogRow =>
    logRow(`r${index}`, new Date(NOW - (count - index) * 1000).toISOString(), more(index));
  return new FakeLogReader(Array.from({ length: count }, row));
}

async function open(reader: FakeLogReader, query: string, signal = new AbortController().signal): Promise<PlaneAnswer> {
  const handler = createRouter(logRoutes({ type: "store", reader }, () => NOW));
  return handler({
    method: "GET",
    path: "/api/logs/export",
    query: new URLSearchParams(query),
    headers: planeHeaders([["host", "localhost:8080"]]),
    body: new Uint8Array(),
    peer: { address: "127.0.0.1", loopback: true, secure: false },
    signal,
  });
}

async function textOf({ body }: PlaneAnswer): Promise<string> {
  let text = "";
  for await (const part of body as AsyncIterable<string>) text += part;
  return text;
}

const headerOf = (answer: PlaneAnswer, name: string): string | undefined =>
  answer.headers.find(([field]) => field === name)?.[1];

/** As RFC 4180 reads it. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  for (const line of text.matchAll(/(?:(?:"(?:[^"]|"")*"|[^",\r\n]*)(?:,|\r\n))*?(?:"(?:[^"]|"")*"|[^",\r\n]*)\r\n/g)) {
    const cells = [...line[0].matchAll(/("(?:[^"]|"")*"|[^",\r\n]*)(?:,|\r\n)/g)].map(([, cell = ""]) => cell);
    rows.push(cells.map((cell) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell)));
  }
  return rows;
}

describe("GET /api/logs/export", () => {
  it("tells every row once, newest first, page by page without counting again", async () => {
    const reader = readerOf(1203);
    const answer = await open(reader, "format=jsonl");
    assert.equal(headerOf(answer, "x-total-count"), "1203");
    assert.equal(headerOf(answer, "content-type"), "application/x-ndjson");
    assert.match(
      headerOf(answer, "content-disposition") ?? "",
      /^attachment; filename="drawbridge-requests-2026-05-01T12-00-00Z\.jsonl"$/,
    );
    const rows = (await textOf(answer))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as LogRow);
    assert.deepEqual(
      rows.map(({ id }) => id),
      Array.from({ length: 1203 }, (_, index) => `r${1202 - index}`),
    );
    assert.deepEqual(
      reader.queries.map(({ limit, rowsOnly }) => [limit, rowsOnly]),
      [
        [500, false],
        [500, true],
        [500, true],
      ],
    );
  });

  it("writes CSV that can be read back, and that no spreadsheet calculates", async () => {
    const nasty = ['=HYPERLINK("http://x")', "+1", "-1", "@sum", 'two\r\n"lines", and more', "", "plain"];
    const reader = readerOf(nasty.length, (index) => ({
      user_id: nasty[index] as string,
      metadata: { team: "red, blue" },
    }));
    const [head = [], ...rows] = parseCsv(await textOf(await open(reader, "format=csv&order=asc")));
    const cell = (row: readonly string[], name: string): string => row[head.indexOf(name)] as string;
    assert.deepEqual(
      rows.map((row) => cell(row, "user_id")),
      ['\'=HYPERLINK("http://x")', "'+1", "'-1", "'@sum", 'two\r\n"lines", and more', "", "plain"],
    );
    for (const row of rows) {
      assert.equal(row.length, head.length);
      assert.deepEqual(JSON.parse(cell(row, "metadata")), { team: "red, blue" });
      assert.deepEqual([cell(row, "cost_usd"), cell(row, "status")], ["0.001", "success"]);
    }
    assert.equal(csvCell(-5), "-5");
    assert.equal(csvCell(null), "");
  });

  it("takes filters and a largest number of rows", async () => {
    const reader = readerOf(800, (index) => ({ provider: index % 2 === 0 ? "azure" : "openai" }));
    const answer = await open(reader, "format=jsonl&providers=azure&limit=7");
    assert.equal(headerOf(answer, "x-total-count"), "7");
    assert.equal((await textOf(answer)).trimEnd().split("\n").length, 7);
    assert.equal(headerOf(await open(reader, "format=csv&providers=nobody"), "x-total-count"), "0");
  });

  it("refuses what an export cannot do before it begins", async () => {
    for (const query of ["format=xml", "sort_by=cost", "offset=5", "limit=0", "provider=x"])
      await assert.rejects(open(readerOf(1), query), GatewayError, query);
  });

  it("reads no further once the client is gone", async () => {
    const reader = readerOf(5000);
    const gone = new AbortController();
    const answer = await open(reader, "format=csv", gone.signal);
    let pieces = 0;
    for await (const _ of answer.body as AsyncIterable<string>) if (++pieces === 3) gone.abort();
    assert.equal(reader.queries.length, 1);
  });
});

const writer = (remove: LogWriter["remove"]): LogWriter => ({ remove, dropped: 3, droppedContent: 5 }) as LogWriter;

describe("DELETE /api/logs and GET /api/logs/dropped", () => {
  it("deletes rows by their ids and says how many there were", async () => {
    const house = testHouse();
    const handler = createRouter(writtenLogRoutes(house));
    const removed: string[][] = [];
    house.logWriter = writer((ids) => {
      removed.push([...ids]);
      return 1;
    });
    const { status, json } = await callRoute(handler, "DELETE", "/api/logs", { body: { ids: ["a", "b", "a"] } });
    assert.deepEqual([status, json], [200, { message: "Logs deleted successfully", deleted: 1, not_found: 1 }]);
    assert.deepEqual(removed, [["a", "b"]]);
  });

  it("refuses by name what is no list of ids, and says when nothing can be deleted", async () => {
    const house = testHouse();
    const handler = createRouter(writtenLogRoutes(house));
    for (const body of [{}, { ids: [] }, { ids: "a" }, { ids: [1] }, { ids: Array.from({ length: 1001 }, String) }]) {
      const { status, json } = await callRoute(handler, "DELETE", "/api/logs", { body });
      assert.deepEqual([status, json.error.param], [400, "ids"]);
    }
    assert.equal(
      (await callRoute(handler, "DELETE", "/api/logs", { body: { ids: ["a"], all: true } })).json.error.param,
      "all",
    );
    assert.equal((await callRoute(handler, "DELETE", "/api/logs", { body: { ids: ["a"] } })).status, 409);
    house.logWriter = writer(() => {
      throw new StoreRefusedError("/data/logs.db", "disk I/O error");
    });
    assert.equal((await callRoute(handler, "DELETE", "/api/logs", { body: { ids: ["a"] } })).status, 503);
  });

  it("tells what was dropped on the loop and in the writer together", async () => {
    const house = testHouse();
    const handler = createRouter(writtenLogRoutes(house));
    house.logWriter = writer(() => 0);
    house.writtenLog.lost(4);
    assert.deepEqual((await callRoute(handler, "GET", "/api/logs/dropped")).json, {
      dropped_requests: 7,
      dropped_on_loop: 4,
      dropped_in_writer: 3,
      dropped_content: 5,
    });
  });
});
