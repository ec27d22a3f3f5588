// Tests of durations and of money: the tables of the documents, and properties.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseDuration } from "./durations.ts";
import { formatDollars, parseDollars } from "./money.ts";

const DAY = 86_400_000;

test("reads every spelling of a duration", () => {
  const table: readonly [string, number][] = [
    ["30s", 30_000],
    ["5m", 300_000],
    ["1h", 3_600_000],
    ["1h30m", 5_400_000],
    ["500ms", 500],
    ["1.5h", 5_400_000],
    [".5s", 500],
    ["1d", DAY],
    ["0.5d", DAY / 2],
    ["1w", 7 * DAY],
    ["1M", 30 * DAY],
    ["1mo", 30 * DAY],
    ["1Q", 90 * DAY],
    ["1Y", 365 * DAY],
    ["1000000us", 1000],
    ["1000µs", 1],
    ["1000000ns", 1],
  ];
  for (const [text, ms] of table) assert.equal(parseDuration(text)?.ms, ms, text);
});

test("a month is M and a minute is m; 1mo is told as 1M", () => {
  assert.equal(parseDuration("1mo")?.text, "1M");
  assert.notEqual(parseDuration("1m")?.ms, parseDuration("1M")?.ms);
  assert.deepEqual(parseDuration("1Q")?.units, ["Q"]);
});

test("refuses what is no duration", () => {
  for (const text of [
    "",
    "1",
    "d",
    "1x",
    "-1h",
    "1 h",
    "1h ",
    "0s",
    "1H",
    "1D",
    "1e3s",
    "1h-1m",
    "Infinitys",
    "NaNd",
    `${"9".repeat(400)}d`,
  ]) {
    assert.equal(parseDuration(text), null, text);
  }
});

test("reads dollars digit by digit", () => {
  const table: readonly [string, bigint][] = [
    ["0", 0n],
    ["10", 10_000_000_000n],
    ["0.1", 100_000_000n],
    ["0.000000001", 1n],
    ["1e2", 100_000_000_000n],
    ["1.5E-3", 1_500_000n],
    ["12.34e1", 123_400_000_000n],
    ["8999999999.999999999", 8_999_999_999_999_999_999n],
    ["0.0000000005", 1n],
    ["0.00000000049", 0n],
    ["1e-20", 0n],
    ["0e9999", 0n],
    ["-2.5", -2_500_000_000n],
  ];
  for (const [text, nano] of table) assert.equal(parseDollars(text), nano, text);
});

test("refuses what is no amount", () => {
  for (const text of ["", "abc", "1.", ".5", "1e", "1e9999", "0x10", "1,5", "Infinity", " 1"])
    assert.equal(parseDollars(text), null, text);
});

test("what is written is read back without loss", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -9_000_000_000_000_000_000n, max: 9_000_000_000_000_000_000n }), (nano) => {
      assert.equal(parseDollars(formatDollars(nano)), nano);
    }),
    { seed: 2, numRuns: 500 },
  );
});

test("any JSON number gives what exact arithmetic gives", () => {
  const digits = fc.stringMatching(/^(0|[1-9]\d{0,9})$/);
  fc.assert(
    fc.property(
      digits,
      fc.stringMatching(/^\d{1,9}$/),
      fc.integer({ min: -3, max: 3 }),
      (whole, fraction, exponent) => {
        const scaled = BigInt(whole + fraction.padEnd(9, "0")) * 10n ** BigInt(exponent + 3);
        // rounded half up from three more digits
        assert.equal(parseDollars(`${whole}.${fraction}e${exponent}`), (scaled + 500n) / 1000n);
      },
    ),
    { seed: 3, numRuns: 500 },
  );
});
