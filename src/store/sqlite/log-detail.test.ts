// A row's detail tells what its record told, and rows that older programs wrote stay readable.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "../../core/errors.ts";
import { type ExchangeSpec, fixtureExchange } from "../../core/exchange-fixture.ts";
import { packMessage } from "../../core/message-outline.ts";
import { RECORD_BUFFER_BYTES, type RequestRecord } from "../../core/record.ts";
import { RecordPacker } from "../../core/record-pack.ts";
import { RecordView } from "../../core/record-view.ts";
import { WordList, type Words } from "../../core/record-words.ts";
import { decodeDetail, encodeDetail } from "./log-detail.ts";

const usage = { inputTokens: 24, outputTokens: 41, cachedTokens: null, cacheWriteTokens: 0, reasoningTokens: null };
const rawUsage = { counts: { input: 24, output: 41 }, tier: "flex", region: null, reportedNano: 12, refused: ["x"] };
const part = { kind: "input", count: 24, rate: "input", unitPico: 150_000 } as const;
const computed = {
  nano: 3600,
  parts: [part],
  unpriced: ["output"],
  priceVersion: "2026-10-01",
  source: "sheet",
} as const;
const cost = { nano: 12, origin: "reported", unpriced: ["output"], reportedNano: 12, computed } as const;

const FULL: ExchangeSpec = {
  id: "01k0000000000000000000001",
  acceptedAt: 1_795_461_788_442,
  endedAt: 12.5,
  firstTokenAt: 7.001,
  attempts: [
    { outcome: "http_error", error: "ümlaut: 500 from the provider", status: 500, startedAt: 0.25, endedAt: 3 },
    {
      usage,
      rawUsage,
      usageOrigin: "reported",
      cost,
      fallbackIndex: 1,
      startedAt: 3.125,
      firstTokenAt: 7.001,
      endedAt: 12,
    },
  ],
  virtualKey: { id: "vk-1", name: "Team A" },
  clientRequestId: "their-id",
  userAgent: "OpenAI/Python 1.99.1",
  usage,
  stopReason: "stop",
  error: new GatewayError("upstream_error", "as the provider said"),
  decision: {
    engine: "governance",
    draw: 0.123456789012345,
    candidates: [{ provider: "openai", model: "gpt-4o-mini", weight: 1, share: 1 / 3, health: 1 }],
    order: [{ provider: "openai", model: "gpt-4o-mini", key: "main", reason: "drawn" }],
    rules: [{ id: "rule-1", name: "tier", matched: true, why: "" }],
    rule: { id: "rule-1", name: "tier" },
  },
  losses: [{ field: "logit_bias", kind: "loss" }],
  contentLevel: "redacted",
  userId: "user-7",
  app: "claude-cli",
  sessionId: "session-1",
  tags: [["team", "söarch"]],
  outline: { messages: [packMessage(3, 0, 1204), packMessage(1, 0, 2)], count: 2, input: 1 },
  body: Buffer.from('{"role":"user","content":"Hi"}'),
  inputFrom: 0,
  inputTo: 30,
  answer: Buffer.from("{}"),
};

function packed(spec: ExchangeSpec): { view: RecordView; words: WordList } {
  const packer = new RecordPacker();
  const buffer = new ArrayBuffer(RECORD_BUFFER_BYTES);
  packer.begin(buffer);
  packer.pack(fixtureExchange(spec));
  const { firstWord, words: fresh } = packer.finish();
  const words = new WordList();
  words.add(firstWord, fresh);
  const view = new RecordView(buffer, words);
  view.move(1);
  return { view, words };
}

/** What columns and the table of contents hold is not in the detail. */
function withoutColumns(record: RequestRecord): RequestRecord {
  return { ...record, id: "", acceptedAt: 0, input: null, output: null };
}

for (const [title, spec] of [
  ["with everything", FULL],
  ["with nothing", {}],
  ["whose id is not in single bytes", { ...FULL, id: "ünïque" }],
] as [string, ExchangeSpec][])
  test(`the detail of a record ${title} tells the record`, () => {
    const { view, words } = packed(spec);
    const record = decodeDetail(encodeDetail(view, 77).slice(), (dictionary) => {
      assert.equal(dictionary, 77);
      return words;
    });
    assert.deepEqual(withoutColumns(record), withoutColumns(view.unpacked()));
  });

test("times are kept to the µs", () => {
  const { view, words } = packed({ ...FULL, endedAt: 12.345_678_9 });
  const { endedAt } = decodeDetail(encodeDetail(view, 1), () => words);
  assert.equal(endedAt, 12.346);
});

test("a detail that is cut off, or of an unknown layout, is refused", () => {
  const { view, words } = packed(FULL);
  const detail = encodeDetail(view, 1).slice();
  assert.throws(() => decodeDetail(detail.subarray(0, 60), () => words), RangeError);
  assert.throws(() => decodeDetail(Uint8Array.of(99, ...detail.subarray(1)), () => words), RangeError);
});

test("a row of the first layout is read as it was written", () => {
  const words: Words = { get: (number) => `word ${number}` };
  const record = decodeDetail(Buffer.from(FIRST_LAYOUT, "hex"), () => words);
  const first = JSON.parse(FIRST_RECORD);
  assert.deepEqual(record, { ...first, ...SINCE, decision: { ...first.decision, rules: [] } });
});

/** What records of the first layout did not tell. */
const SINCE = {
  contentLevel: "ends",
  contentDropped: false,
  userId: null,
  app: null,
  sessionId: null,
  tags: [],
  overheadUs: -1,
  ruleId: null,
  ruleName: null,
  messages: [],
  messageCount: 0,
  inputMessage: -1,
};

/** FULL, written by the first program that wrote details. */
const FIRST_LAYOUT =
  "010178531e0202010101ef1407f60000efd430eefaef591b0001020307f6080405c8061829fe00fe0000010707eff601f614fefefefe0c01ff2ef64637dd9abf3f0807090a0b0c00eefac8efd007feefb80beff4010df61d0e0000000000000a090a0b0c01ef350cc8efd007ef591befe02ec80ff6000e3e1829fe00fefe10fe0c020111181229130cef100e0c14150101111811f0f0490212090a01ff555555555555d53f01fe090a0c161774686569722d69646173207468652070726f76696465722073616964c3bc6d6c6175743a203530302066726f6d207468652070726f7669646572";
const FIRST_RECORD =
  '{"id":"","acceptedAt":0,"endedAt":12.5,"dispatchedAt":0.25,"firstTokenAt":7.001,"requestType":"word 0","requestedModel":"word 1","virtualKeyId":"word 2","virtualKeyName":"word 3","snapshotVersion":7,"clientRequestId":"their-id","userAgent":"word 4","outcome":"word 5","status":200,"stopReason":"word 6","usage":{"inputTokens":24,"outputTokens":41,"cachedTokens":null,"cacheWriteTokens":0,"reasoningTokens":null},"chunks":0,"bytesOut":0,"answeredBy":1,"stream":false,"teamId":null,"teamName":null,"customerId":null,"customerName":null,"costNano":12,"isUnpriced":true,"error":{"code":"word 7","type":"word 7","status":502,"message":"as the provider said"},"attempts":[{"provider":"word 9","model":"word 10","keyId":"word 11","keyName":"word 12","fallbackIndex":0,"startedAt":0.25,"connectedAt":0.2,"headAt":2,"firstTokenAt":-1,"endedAt":3,"status":500,"outcome":"word 13","error":"ümlaut: 500 from the provider","reason":"word 14","possiblyBilled":false,"usage":null,"askedModel":"word 10","rawUsage":null,"usageOrigin":"none","cost":null},{"provider":"word 9","model":"word 10","keyId":"word 11","keyName":"word 12","fallbackIndex":1,"startedAt":3.125,"connectedAt":0.2,"headAt":2,"firstTokenAt":7.001,"endedAt":12,"status":200,"outcome":"word 15","error":"","reason":"word 14","possiblyBilled":false,"usage":{"inputTokens":24,"outputTokens":41,"cachedTokens":null,"cacheWriteTokens":0,"reasoningTokens":null},"askedModel":null,"rawUsage":{"counts":{"word 17":24,"word 18":41},"tier":"word 16","region":null,"reportedNano":12,"refused":["word 19"]},"usageOrigin":"reported","cost":{"nano":12,"origin":"reported","computedNano":3600,"reportedNano":12,"priceVersion":"word 20","source":"word 21","parts":[{"kind":"word 17","count":24,"rate":"word 17","unitPico":150000}],"unpriced":["word 18"]}}],"decision":{"seed":1,"draw":0.123456789012345,"engine":"word 8","snapshotVersion":7,"candidates":[{"provider":"word 9","model":"word 10","weight":1,"share":0.3333333333333333,"health":1,"removed":null}],"order":[{"provider":"word 9","model":"word 10","keyName":"word 12","reason":"word 22"}]},"losses":["word 23"],"contentHidden":false,"input":null,"output":null,"outputIsStream":false,"outputDialect":"openai"}';
