// What comes of faults within streams: before the first content nobody sees them, after it one error event and no clean end.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isWhole, textOf } from "../support/conversation.ts";
import { pause, type Rig, startRig } from "../support/rig.ts";
import {
  assertAnswered,
  assertBreaksOff,
  assertFailsOver,
  assertNextIsFine,
  assertRefused,
  FAULT_KINDS,
  waysThrough,
} from "./faults.ts";

let rig: Rig;

before(async () => {
  rig = await startRig({
    ...FAULT_KINDS,
    patient: {
      base: "openai",
      network: { default_request_timeout_in_seconds: 1.5, stream_idle_timeout_in_seconds: 0.3 },
    },
    "patient-claude": {
      base: "anthropic",
      network: { default_request_timeout_in_seconds: 1.5, stream_idle_timeout_in_seconds: 0.3 },
    },
  });
});

after(() => rig.close());

const streams = waysThrough([true]);

const BEFORE_CONTENT: readonly (readonly [what: string, behaviour: string, statuses: readonly number[]])[] = [
  ["a stream without events", "empty-stream", [502]],
  ["a stream of the end marker alone", "done-only", [502]],
  ["an error as the first event", "error-event-first", [502, 503, 529]],
  ["an error event before the first content", "error-event-before-content", [502, 503, 529]],
  ["a first event that is no JSON", "bad-first-event", [502]],
  ["events in reverse order", "out-of-order", [502]],
  ["silence before the first content", "stall-before-content", [504]],
  ["another content type", "wrong-content-type", [502]],
  ["an event of 20 MB", "huge-event-20mb", [502]],
];

for (const [what, behaviour, statuses] of BEFORE_CONTENT)
  test(`${what}: the next target answers, without one the client gets ${statuses.join(" or ")}`, async () => {
    // One after another where the events are large: the time limits are of real time.
    if (behaviour.startsWith("huge")) for (const way of streams) await assertFailsOver(rig, behaviour, way, statuses);
    else await Promise.all(streams.map((way) => assertFailsOver(rig, behaviour, way, statuses)));
    await assertNextIsFine(rig);
  });

const AFTER_CONTENT: readonly (readonly [what: string, behaviour: string])[] = [
  ["a reset", "cut-in-body"],
  ["a reset within an event", "break-mid-stream"],
  ["a close without the last chunk", "close-in-body"],
  ["an end in order in the middle", "end-mid-stream"],
  ["silence", "stall-mid-stream"],
  ["an error event", "error-event-mid-stream"],
  ["an error event and then the end marker", "error-then-done"],
  ["an event that is no JSON", "bad-event"],
];

for (const [what, behaviour] of AFTER_CONTENT)
  test(`${what} after content is one error event, no clean end and no second answer`, async () => {
    await Promise.all(streams.map((way) => assertBreaksOff(rig, behaviour, way)));
    await assertNextIsFine(rig);
  });

test("gzip that breaks off within a stream never looks like a good end", async () => {
  for (const way of streams) {
    const reply = await rig.ask({ dialect: way.dialect, stream: true, model: `${way.first}/broken-gzip` });
    assert.ok(reply.status !== 200 || reply.broken, reply.text);
    assert.ok(!isWhole(reply));
  }
});

test("a stream of Anthropic's without message_stop is broken, one of OpenAI's with a finish_reason is whole", async () => {
  for (const way of streams) {
    if (way.first === "claude0") {
      const reply = await rig.ask({ dialect: way.dialect, stream: true, model: "claude0/no-done" });
      assert.ok(reply.broken && !isWhole(reply), reply.text);
      assert.match(reply.text, /without its end marker/);
    } else {
      const reply = await rig.ask({ dialect: way.dialect, stream: true, model: "openai0/no-done" });
      assertAnswered(reply, way);
    }
  }
});

test("idle connections and half streams are not what a broken stream leaves behind", async () => {
  await assertNextIsFine(rig);
  const before = rig.upstream.connections();
  await Promise.all(
    Array.from({ length: 40 }, (_, n) => {
      const way = streams[n % streams.length]!;
      return rig.ask({ dialect: way.dialect, stream: true, model: `${way.first}/error-event-mid-stream` });
    }),
  );
  await pause(100);
  assert.ok(rig.upstream.connections() <= before, `${rig.upstream.connections()} connections, ${before} before`);
});

const ODD_BUT_GOOD: readonly (readonly [what: string, behaviour: string])[] = [
  ["CR LF line ends", "crlf-events"],
  ["comments and unknown fields", "comments"],
  ["data: without a space", "no-space"],
  ["all events in one write", "one-write"],
  ["every byte in a segment of its own", "split-bytes"],
  ["a body until the connection closes", "until-close"],
  ["one JSON body in place of a stream", "json-instead-of-stream"],
  ["gzip", "gzip"],
  ["zstd", "zstd"],
  ["a provider that does not hang up behind its end marker", "stall-after-done"],
];

for (const [what, behaviour] of ODD_BUT_GOOD)
  test(`a stream with ${what} arrives whole`, async () => {
    await Promise.all(
      streams.map(async (way) => {
        const reply = await rig.ask({ dialect: way.dialect, stream: true, model: `${way.first}/${behaviour}` });
        assertAnswered(reply, way);
        assert.match(reply.headers.get("content-type") ?? "", /^text\/event-stream/);
        assert.equal(textOf(reply), `You said: question ${reply.mark}`);
      }),
    );
    await assertNextIsFine(rig);
  });

test("one event of 10 MB arrives whole, raw and translated", async () => {
  for (const way of streams) {
    const provider = way.first === "openai0" ? "openai0" : "claude0";
    const reply = await rig.ask({ dialect: way.dialect, stream: true, model: `${provider}/huge-event-10mb` });
    assert.equal(reply.status, 200, `${way.name}: ${reply.text.slice(0, 300)}`);
    assert.ok(isWhole(reply), way.name);
    assert.equal(textOf(reply).length, 10 * 1024 * 1024, way.name);
  }
});

test("a model may think for longer than a stream may be silent, and a plain answer may take its whole time", async () => {
  for (const provider of ["patient0", "patient-claude0"])
    for (const stream of [false, true]) {
      const reply = await rig.ask({ model: `${provider}/slow-800ms`, stream });
      assert.equal(reply.status, 200, reply.text);
      assert.ok(textOf(reply).includes(reply.mark));
    }
});

test("a stream may last longer than an attempt may take to its first content", async () => {
  for (const provider of ["patient0", "patient-claude0"]) {
    const reply = await rig.ask({ model: `${provider}/chunks-20-150ms`, stream: true });
    assert.ok(isWhole(reply), reply.text.slice(-300));
    assert.ok(reply.took > 2_000);
    assert.match(textOf(reply), /piece 20 of a stream/);
  }
});

test("an answer that says nothing is an answer: its end shows it", async () => {
  for (const way of streams) {
    const reply = await rig.ask({
      dialect: way.dialect,
      stream: true,
      model: `${way.first}/echo`,
      // The demo stops before its first word.
      fields: way.dialect === "openai" ? { stop: ["You"] } : { stop_sequences: ["You"] },
    });
    assert.equal(reply.status, 200, `${way.name}: ${reply.text}`);
    assert.ok(isWhole(reply), way.name);
    assert.equal(textOf(reply), "", way.name);
  }
});

test("a broken stream is told with its provider and kind, and charged tokens stay in the record", async () => {
  const reply = await rig.ask({ model: "openai0/stall-mid-stream", stream: true });
  assert.match(reply.text, /Provider 'openai0' failed for model 'stall-mid-stream': the provider fell silent/);
  const row = await rig.row(reply);
  assert.equal(row["status_code"], 200);
  assert.equal(row.status, "error");
  assert.equal((row["error_details"] as { code: string }).code, "upstream_truncated");
});

test("a refusal in place of a stream is a JSON refusal", async () => {
  for (const way of streams) {
    const reply = await rig.ask({ dialect: way.dialect, stream: true, model: `${way.first}/status-500` });
    assertRefused(reply, way, [500]);
  }
});
