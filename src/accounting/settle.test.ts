// Settling happens once, and a fault in a sink does not reach the one who settles.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Exchange } from "../core/exchange.ts";
import { fixtureExchange } from "../core/exchange-fixture.ts";
import { ManualClock } from "../lib/clock.ts";
import { createAccounting } from "./settle.ts";

test("an exchange is settled once, with the time it took", () => {
  const rows: Exchange[] = [];
  const counted: Exchange[] = [];
  const clock = new ManualClock(1250);
  const accounting = createAccounting({
    records: { add: (exchange) => void rows.push(exchange) },
    metrics: { observe: (exchange) => void counted.push(exchange) },
    clock,
    onFault: (error) => assert.fail(String(error)),
  });
  const exchange = fixtureExchange();
  accounting.settle(exchange);
  clock.advance(100);
  accounting.settle(exchange);
  assert.equal(exchange.settled, true);
  assert.equal(exchange.endedAt, 1250);
  assert.deepEqual([rows, counted], [[exchange], [exchange]]);
});

test("a fault in one sink is reported and leaves the other its share", () => {
  const rows: Exchange[] = [];
  const faults: unknown[] = [];
  const fault = new Error("metrics fault");
  const accounting = createAccounting({
    records: { add: (exchange) => void rows.push(exchange) },
    metrics: {
      observe: () => {
        throw fault;
      },
    },
    clock: new ManualClock(),
    onFault: (error) => void faults.push(error),
  });
  accounting.settle(fixtureExchange());
  assert.deepEqual(faults, [fault]);
  assert.equal(rows.length, 1);
});
