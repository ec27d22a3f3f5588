// Tests of the price feed: what is in force, and when a sync is answered.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { SheetFacts } from "../../core/price.ts";
import { ManualClock } from "../../lib/clock.ts";
import { fetchSheet, type SheetWay } from "./fetch-sheet.ts";
import { keptSheet } from "./kept-sheet.ts";
import { PriceFeed, shownAddress } from "./price-feed.ts";
import { PriceShelf } from "./price-shelf.ts";
import type { SheetAnswer } from "./price-source.ts";
import { readSheetInThread } from "./read-in-thread.ts";
import { readSheetApart } from "./sheet-reading.ts";

const HOUR = 3_600_000;
const ADDRESS = { url: "https://prices.example/sheet.json", interval: HOUR };
const folder = await mkdtemp(join(tmpdir(), "drawbridge-feed-"));
after(() => rm(folder, { recursive: true }));

const sheet = (dollars: number): Buffer =>
  Buffer.from(JSON.stringify({ "openai/gpt-4o": { input_cost_per_token: dollars } }));

class Rig {
  readonly clock = new ManualClock();
  readonly sent: [number, Uint8Array | null][] = [];
  readonly shelf = new PriceShelf();
  readonly lines: string[] = [];
  asked = 0;
  acknowledges = true;
  answer: () => Promise<SheetAnswer> = () => Promise.reject(new Error("the price source failed"));
  readonly path: string;
  readonly feed: PriceFeed;

  constructor(name: string, read = readSheetInline) {
    this.path = join(folder, name);
    this.feed = new PriceFeed({
      clock: this.clock,
      keep: keptSheet(() => this.path),
      read,
      fetch: () => {
        this.asked += 1;
        return this.answer();
      },
      send: (version, bytes) => {
        this.sent.push([version, bytes]);
        this.shelf.setSheet(bytes);
        if (this.acknowledges) setImmediate(() => this.feed.applied(version));
        return true;
      },
      log: (_level, text, fields) => void this.lines.push(`${text} ${JSON.stringify(fields)}`),
      patience: 50,
    });
    after(() => this.feed.stop());
  }

  reply(dollars: number): void {
    this.answer = () => Promise.resolve({ status: 200, etag: null, lastModified: null, bytes: sheet(dollars) });
  }

  get input(): number | undefined {
    const target = { provider: "openai", base: "openai", model: "gpt-4o", askedModel: "gpt-4o" };
    const more = { providerKeyId: "", providerKeyName: "", virtualKeyId: null, requestType: "chat_completion" };
    return this.shelf.priceOf({ ...target, ...more })?.periods[0]?.rates["input"];
  }
}

const readSheetInline = async (task: Parameters<typeof readSheetApart>[0]) => readSheetApart(task);

async function until(what: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !what(); i += 1) await turn();
  assert.ok(what());
}

test("a sheet is in force when a sync is answered, and again after a restart before anything was asked", async () => {
  const rig = new Rig("restart");
  rig.reply(0.000002);
  rig.feed.begin(ADDRESS, false);
  await until(() => rig.feed.status.version !== null);
  rig.reply(0.000003);
  assert.equal((await rig.feed.sync())?.type, "taken");
  assert.equal(rig.input, 3_000_000);
  assert.equal((await stat(rig.path)).mode & 0o777, 0o600);
  assert.equal((await readFile(rig.path, "utf8")).includes("prices.example"), false);

  const again = new Rig("restart");
  again.feed.begin(ADDRESS, true);
  await until(() => again.input === 3_000_000);
  await until(() => again.feed.status.error !== null);
  assert.equal(again.input, 3_000_000);
  assert.match(again.lines.join(), /last good prices stay in force/);
});

test("a sheet that the loop does not take is not told as in force", async () => {
  const rig = new Rig("silent");
  rig.acknowledges = false;
  rig.reply(0.000002);
  rig.feed.begin(ADDRESS, false);
  const result = await rig.feed.sync();
  assert.equal(result?.type, "failed");
  assert.match(rig.feed.status.error ?? "", /did not take the price sheet in time/);
  assert.equal(rig.feed.status.version, null);
});

test("a new address is asked at once; the sheet before stays until the new one is good", async () => {
  const rig = new Rig("moved");
  rig.reply(0.000002);
  rig.feed.begin(ADDRESS, false);
  await until(() => rig.feed.status.version !== null);
  const { version } = rig.feed.status;
  rig.answer = () => Promise.reject(new Error("no"));
  rig.feed.configure({ ...ADDRESS, url: "https://other.example/" });
  await until(() => rig.feed.status.error === "no");
  assert.deepEqual([rig.input, rig.feed.status.version], [2_000_000, version]);
  rig.reply(0.000004);
  await rig.feed.sync();
  assert.equal(rig.input, 4_000_000);
});

test("without an address no sheet is in force, also where one was before this thread", async () => {
  const rig = new Rig("none");
  rig.feed.begin({ url: null, interval: HOUR }, true);
  assert.deepEqual(rig.sent, [[1, null]]);
  assert.equal(await rig.feed.sync(), null);
  rig.reply(0.000002);
  rig.feed.configure(ADDRESS);
  await until(() => rig.input === 2_000_000);
  rig.feed.configure({ url: null, interval: HOUR });
  await until(() => rig.input === undefined);
  assert.equal(rig.feed.status.version, null);
});

test("a sheet is read in a thread of its own, and what is wrong with it is told", async () => {
  const rig = new Rig("thread", readSheetInThread);
  rig.reply(0.000002);
  rig.feed.begin(ADDRESS, false);
  assert.equal((await rig.feed.sync())?.type, "taken");
  assert.equal(rig.input, 2_000_000);
  rig.answer = () =>
    Promise.resolve({ status: 200, etag: null, lastModified: null, bytes: Buffer.from('{\n "a": {,}}') });
  assert.match(((await rig.feed.sync()) as { reason: string }).reason, /no JSON: .* line 2, column/);
  assert.equal(rig.input, 2_000_000);
});

test("an address is shown without what may be a secret", () => {
  assert.equal(shownAddress("https://me:pass@prices.example/a.json?sig=secret"), "https://prices.example/a.json?…");
  assert.equal(shownAddress("/etc/prices.json"), "/etc/prices.json");
  const status: SheetFacts = new Rig("shown").feed.status;
  assert.equal(status.url, null);
});

const way = (): SheetWay => ({
  upstream: { send: () => assert.fail("no address is asked"), close() {} },
  folder,
  proxy: { type: "none" },
  isOperators: true,
});

test("a file that the API names is not read", async () => {
  const request = { url: "own.json", etag: null, lastModified: null };
  await assert.rejects(fetchSheet(request, { ...way(), isOperators: false }), /only be named in config\.json/);
});

test("a file is read relative to the folder, once for each time it is written", async () => {
  await writeFile(join(folder, "own.json"), sheet(0.000002));
  const request = { url: "own.json", etag: null, lastModified: null };
  const first = await fetchSheet(request, way());
  assert.equal(first.status, 200);
  assert.equal((await fetchSheet({ ...request, etag: first.etag }, way())).status, 304);
  const byUrl = await fetchSheet({ ...request, url: new URL(`file://${folder}/own.json`).href }, way());
  assert.deepEqual(byUrl.bytes, first.bytes);
});

const ask = (url: string): Promise<SheetAnswer> => fetchSheet({ url, etag: null, lastModified: null }, way());

test("a file that cannot be read is told without its content", async () => {
  await assert.rejects(ask("missing.json"), /there is none at this path/);
  await assert.rejects(ask("."), /it is no file/);
});
