// Records stay within their bounds, and their dictionary is whole or told to be broken.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fixtureExchange } from "./exchange-fixture.ts";
import { packMessage } from "./message-outline.ts";
import type { Cost } from "./price.ts";
import { RECORD_BUFFER_BYTES } from "./record.ts";
import { RecordPacker } from "./record-pack.ts";
import { unpackRecords } from "./record-unpack.ts";
import { WordList } from "./record-words.ts";
import type { RawUsage, UsageKey } from "./usage.ts";

const many = <T>(one: T): T[] => Array.from({ length: 200 }, () => one);

test("the largest record fits into an empty buffer", () => {
  const long = "\uffff".repeat(5000);
  const kinds = Array.from({ length: 200 }, (_, i) => `output/${i}${long}` as UsageKey);
  const rawUsage: RawUsage = {
    counts: Object.fromEntries(kinds.map((name) => [name, 1])),
    tier: long,
    region: long,
    reportedNano: 1,
    refused: many(long),
  };
  const parts = kinds.map((name) => ({ kind: name, count: 1, rate: long, unitPico: 1 }));
  const computed = { nano: 1, parts, unpriced: kinds, priceVersion: long, source: long };
  const cost: Cost = { nano: 1, origin: "computed", unpriced: kinds, reportedNano: null, computed };
  const named = { provider: long, model: long, error: long, keyName: long };
  const attempts = Array.from({ length: 200 }, () => ({ ...named, rawUsage, cost }));
  const target = { provider: long, model: long, key: long, reason: "drawn" } as const;
  const candidate = { provider: long, model: long, weight: 1, share: 1, health: 1 };
  const exchange = fixtureExchange({
    id: long,
    model: long,
    attempts,
    body: Buffer.alloc(1 << 20),
    inputFrom: 0,
    inputTo: 1 << 20,
    answer: Buffer.alloc(1 << 20),
    answerIsStream: true,
    decision: {
      candidates: many(candidate),
      order: many(target),
      rules: many({ id: long, name: long, matched: false, why: long }),
    },
    losses: many({ field: long, kind: "loss" }),
    tags: many([long, long] as const),
    outline: { messages: Array.from({ length: 5000 }, () => packMessage(1, 0, 7)), count: 5000, input: 4999 },
  });
  const packer = new RecordPacker();
  packer.begin(new ArrayBuffer(RECORD_BUFFER_BYTES));
  assert.equal(packer.pack(exchange), true);
});

test("a receiver that began anew gets all words again", () => {
  const packer = new RecordPacker();
  packer.begin(new ArrayBuffer(4096));
  packer.pack(fixtureExchange());
  packer.finish();
  const buffer = new ArrayBuffer(4096);
  packer.begin(buffer);
  packer.pack(fixtureExchange());
  packer.forgetSent();
  const { firstWord, words } = packer.finish();
  const list = new WordList();
  list.add(firstWord, words);
  assert.equal([...unpackRecords(buffer, list)][0]?.attempts[0]?.provider, "openai");
});

test("missing words are noticed", () => {
  const list = new WordList();
  list.add(0, ["a"]);
  assert.throws(() => list.add(2, ["c"]), RangeError);
  assert.throws(() => list.get(1), RangeError);
  list.add(0, ["b"]);
  assert.equal(list.get(0), "b");
});

test("a full dictionary lets words travel as text", () => {
  const packer = new RecordPacker();
  const words = new WordList();
  for (let i = 0; i < 5000; i++) {
    const buffer = new ArrayBuffer(4096);
    packer.begin(buffer);
    packer.pack(fixtureExchange({ model: `guest-${i}` }));
    const { firstWord, words: fresh } = packer.finish();
    words.add(firstWord, fresh);
    assert.equal([...unpackRecords(buffer, words)][0]?.requestedModel, `guest-${i}`);
  }
});
