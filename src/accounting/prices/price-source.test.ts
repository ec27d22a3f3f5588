// Tests of the price source: conditional asking, the last good sheet, restarts and retries.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../lib/clock.ts";
import { type KeptSheet, PriceSource, type SheetAnswer, type SheetRequest } from "./price-source.ts";
import { type CompactSheet, readSheetApart } from "./sheet-reading.ts";

const HOUR = 3_600_000;
const sheet = (price: number): string => JSON.stringify({ m: { provider: "p", input_cost_per_token: price } });
const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

class Rig {
  readonly clock = new ManualClock();
  readonly asked: SheetRequest[] = [];
  readonly taken: CompactSheet[] = [];
  kept: KeptSheet | null = null;
  isDiskBroken = false;
  answer: () => Promise<SheetAnswer> = () => Promise.reject(new Error("refused"));

  reply(status: number, text = "", more: Partial<SheetAnswer> = {}): void {
    this.answer = () => Promise.resolve({ status, bytes: Buffer.from(text), etag: null, lastModified: null, ...more });
  }

  source(url = "https://prices.example/sheet.json"): PriceSource {
    return new PriceSource({
      url,
      interval: () => HOUR,
      read: async (task) => readSheetApart(task),
      clock: this.clock,
      fetch: (request) => {
        this.asked.push(request);
        return this.answer();
      },
      keep: {
        read: () => Promise.resolve(this.kept),
        write: (kept) => {
          if (this.isDiskBroken) return Promise.reject(new Error("full"));
          this.kept = kept;
          return Promise.resolve();
        },
      },
      onSheet: async (taken) => void this.taken.push(taken),
    });
  }
}

test("a good sheet is taken, kept on disk and asked for again by the interval", async () => {
  const rig = new Rig();
  rig.reply(200, sheet(1e-6), { etag: '"1"' });
  const source = rig.source();
  assert.ok(source.isDue);
  assert.equal((await source.refresh()).type, "taken");
  assert.equal(textOf(rig.kept?.bytes), sheet(1e-6));
  assert.ok(!source.isDue);
  rig.clock.advance(HOUR);
  assert.ok(source.isDue);
  assert.deepEqual([source.status.entries, source.status.error], [1, null]);
});

test("it is asked conditionally, and an unchanged sheet comes into force once", async () => {
  const rig = new Rig();
  rig.reply(200, sheet(1e-6), { etag: '"1"', lastModified: "yesterday" });
  const source = rig.source();
  await source.refresh();
  rig.reply(304);
  assert.equal((await source.refresh()).type, "unchanged");
  assert.deepEqual([rig.asked[1]?.etag, rig.asked[1]?.lastModified], ['"1"', "yesterday"]);
  rig.reply(200, sheet(1e-6));
  assert.equal((await source.refresh()).type, "unchanged");
  assert.equal(rig.taken.length, 1);
});

test("an unreachable, failing or broken source keeps the last good sheet and says why", async () => {
  const rig = new Rig();
  rig.reply(200, sheet(1e-6));
  const source = rig.source();
  await source.refresh();
  const good = source.status.version;
  rig.answer = () => Promise.reject(new Error("the price source cannot be reached"));
  assert.deepEqual(await source.refresh(), { type: "failed", reason: "the price source cannot be reached" });
  rig.reply(500);
  assert.match(((await source.refresh()) as { reason: string }).reason, /status 500/);
  rig.reply(200, '{"m": {"input_cost_per_token": -1}}');
  assert.match(((await source.refresh()) as { reason: string }).reason, /"m": input_cost_per_token is negative/);
  assert.equal(source.status.version, good);
  assert.equal(textOf(rig.kept?.bytes), sheet(1e-6));
  assert.match(source.status.error ?? "", /negative/);
  rig.reply(304);
  await source.refresh();
  assert.equal(source.status.error, null);
});

test("after failures it is asked again soon, then ever more slowly, never less often than by the interval", async () => {
  const rig = new Rig();
  const source = rig.source();
  const waits: number[] = [];
  for (let i = 0; i < 8; i++) {
    await source.refresh();
    waits.push((source.status.nextAt - rig.clock.now()) / 60_000);
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
});

test("a restart begins with the sheet on disk, and its validators", async () => {
  const rig = new Rig();
  rig.reply(200, sheet(1e-6), { etag: '"1"' });
  await rig.source().refresh();
  const again = rig.source();
  await again.restore();
  assert.equal(again.status.entries, 1);
  assert.ok(again.isDue);
  rig.reply(304);
  assert.equal((await again.refresh()).type, "unchanged");
  assert.equal(rig.asked.at(-1)?.etag, '"1"');
});

test("a kept sheet that is broken, or of another address, is passed over", async () => {
  const rig = new Rig();
  rig.reply(200, sheet(1e-6));
  await rig.source().refresh();
  const good = rig.kept as KeptSheet;
  rig.kept = { ...good, bytes: Buffer.from("{") };
  const source = rig.source();
  await source.restore();
  assert.equal(source.status.version, null);
  rig.kept = good;
  const other = rig.source("https://other.example/");
  await other.restore();
  assert.equal(other.status.version, null);
});

test("a disk that takes nothing does not keep the sheet from its force, and is told", async () => {
  const rig = new Rig();
  rig.isDiskBroken = true;
  rig.reply(200, sheet(1e-6));
  const source = rig.source();
  assert.equal((await source.refresh()).type, "taken");
  assert.match(source.status.error ?? "", /disk/);
});

test("calls at once share one question", async () => {
  const rig = new Rig();
  rig.reply(200, sheet(1e-6));
  const source = rig.source();
  const [a, b] = await Promise.all([source.refresh(), source.refresh()]);
  assert.equal(a, b);
  assert.equal(rig.asked.length, 1);
});
