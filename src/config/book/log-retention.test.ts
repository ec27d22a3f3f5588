// How long records are kept: what the block `client` says now, and what of the file comes before it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { testBook } from "./fixtures/house.ts";
import { logRetention } from "./log-retention.ts";

test("days and size are those of the client block, changed at run time too", async () => {
  const { book, ledger } = await testBook();
  assert.deepEqual(logRetention(ledger), { days: 365, maxBytes: 10_240 * 1024 * 1024 });
  await book.putBlock("client", { log_retention_days: 7, log_max_size_mb: 0 });
  assert.deepEqual(logRetention(ledger), { days: 7, maxBytes: 0 });
});

test("the days of the log store in the file come first", async () => {
  const { book, ledger } = await testBook({ file: { logDays: 3 } });
  await book.putBlock("client", { log_retention_days: 7 });
  assert.equal(logRetention(ledger).days, 3);
});
