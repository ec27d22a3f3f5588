// The list of rows: in order, changed in place, bounded, and still while somebody looks.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  costState,
  EMPTY_LIST,
  MOST_HELD,
  MOST_ROWS,
  type RequestRow,
  showHeld,
  takeRows,
  withoutRows,
} from "./rows.ts";

const row = (at: number, more: Partial<RequestRow> = {}): RequestRow => ({
  id: `r${String(at).padStart(6, "0")}`,
  at,
  object: "chat_completion",
  stream: false,
  requestedModel: "m",
  provider: "p",
  model: "m",
  status: "success",
  statusCode: 200,
  latency: 1,
  timeToFirstToken: null,
  totalTokens: 3,
  cost: 0.1,
  virtualKeyId: null,
  virtualKeyName: null,
  userId: null,
  app: null,
  error: null,
  attempts: [],
  ...more,
});
const times = (rows: readonly RequestRow[]): number[] => rows.map(({ at }) => at);

test("rows stand newest first, whatever comes when, each once", () => {
  let list = takeRows(EMPTY_LIST, [row(3), row(1)], false);
  list = takeRows(list, [row(2), row(4), row(3)], false);
  assert.deepEqual(times(list.rows), [4, 3, 2, 1]);
});

test("a row changes in its place, and what has ended does not begin again", () => {
  const running = row(2, { status: "processing", latency: null });
  let list = takeRows(EMPTY_LIST, [running, row(1)], false);
  list = takeRows(list, [row(2, { latency: 7 })], true);
  assert.equal(list.rows[0]?.latency, 7);
  assert.equal(takeRows(list, [running], false).rows[0]?.status, "success");
});

test("while the list is still new rows wait, and older ones are added below", () => {
  let list = takeRows(EMPTY_LIST, [row(5)], false);
  list = takeRows(list, [row(6), row(4)], true);
  assert.deepEqual(times(list.rows), [5, 4]);
  assert.deepEqual(times(list.held), [6]);
  assert.deepEqual(times(showHeld(list).rows), [6, 5, 4]);
});

test("no more rows are kept than fit; where more came than can wait, the newest alone are shown", () => {
  const many = Array.from({ length: 3000 }, (_, at) => row(at));
  assert.equal(takeRows(EMPTY_LIST, many, false).rows.length, MOST_ROWS);
  const held = takeRows(takeRows(EMPTY_LIST, [row(-1)], false), many, true);
  assert.deepEqual([held.rows.length, held.held.length, held.hasGap], [1, MOST_HELD, true]);
  assert.equal(showHeld(held).rows.length, MOST_HELD);
});

test("deleted rows are gone", () => {
  const list = takeRows(EMPTY_LIST, [row(1), row(2)], false);
  assert.deepEqual(times(withoutRows(list, new Set(["r000001"])).rows), [2]);
});

test("no cost is ever told as $0 where the price is unknown", () => {
  const used = { status: "success", totalTokens: 9 } as const;
  assert.equal(costState({ ...used, cost: null }), "unknown price");
  assert.equal(costState({ ...used, cost: 0 }), "known");
  assert.equal(costState({ cost: 0, status: "error", totalTokens: null }), "nothing used");
  assert.equal(costState({ cost: null, status: "processing", totalTokens: null }), "running");
});
