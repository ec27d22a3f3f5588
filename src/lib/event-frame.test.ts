// Repeated events are stepped over only where they are the same but for a whole JSON string.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { EventFrame } from "./event-frame.ts";
import { SseSplitter } from "./sse.ts";

function event(text: string, id = "chatcmpl-1", finish = "null"): string {
  return `data: {"id":"${id}","choices":[{"index":0,"delta":{"content":${JSON.stringify(text)}},"finish_reason":${finish}}]}\n\n`;
}

function learned(): EventFrame {
  const frame = new EventFrame('"content":"');
  const bytes = Buffer.from(event("Hello"));
  frame.learn(bytes, 0, bytes.length);
  return frame;
}

test("steps over events that differ in their text alone, escapes and all", () => {
  const events = [event(" world"), event(""), event('a "quote" and \\ and \n'), event("é😀"), event("}]}\\n\\n")].join(
    "",
  );
  const bytes = Buffer.from(`rest${events}${event("cut").slice(0, 60)}`);
  const frame = learned();
  assert.equal(frame.run(bytes, 4), 5);
  assert.equal(frame.end, 4 + Buffer.byteLength(events));
});

test("stops before an event with another id, a finish, an error, a second field or a comment", () => {
  const others = [
    event("x", "chatcmpl-2"),
    event("x", "chatcmpl-1", '"stop"'),
    'data: {"error":{"message":"overloaded"}}\n\n',
    event("x").replace('"delta"', '"usage":{},"delta"'),
    `: ping\n\n${event("x")}`,
    `event: message\n${event("x")}`,
    event("x").replace("\n\n", "\r\n\r\n"),
    event("x").replace('"x"', '"x\u0001"'),
    event("x").replace('"x"', '"\\q"'),
    "data: [DONE]\n\n",
  ];
  for (const other of others) {
    const bytes = Buffer.from(event("a") + event("b") + other + event("c"));
    const frame = learned();
    assert.equal(frame.run(bytes, 0), 2, other);
    assert.equal(frame.end, Buffer.byteLength(event("a") + event("b")), other);
  }
});

test("gives up on a provider whose events differ from one another", () => {
  const frame = learned();
  for (let n = 0; n < 10; n++) {
    const bytes = Buffer.from(event("x", `chatcmpl-${n + 5}`).padEnd(400, " "));
    assert.equal(frame.run(bytes, 0), 0);
    if (frame.isOpen) frame.learn(bytes, 0, event("x", `chatcmpl-${n + 5}`).length);
  }
  assert.equal(frame.isOpen, false);
  const bytes = Buffer.from(event("x").repeat(3));
  assert.equal(frame.run(bytes, 0), 0);
});

test("with a splitter, over any cuts, sees every event once and in order", () => {
  const texts = fc.array(fc.oneof(fc.string(), fc.constantFrom("", '"', "\\", "\n\n", "data: {}")), { maxLength: 12 });
  fc.assert(
    fc.property(texts, fc.array(fc.nat({ max: 400 }), { maxLength: 20 }), (list, cuts) => {
      const wire = Buffer.from(list.map((text, n) => event(text, n % 7 === 6 ? "other" : "chatcmpl-1")).join(""));
      const frame = learned();
      const splitter = new SseSplitter();
      let seen = "";
      const sizes = [...cuts.filter((cut) => cut > 0), wire.length];
      for (let at = 0; at < wire.length; ) {
        const chunk = Buffer.from(wire.subarray(at, at + (sizes.shift() ?? wire.length)));
        at += chunk.length;
        splitter.feed(chunk);
        for (;;) {
          const from = splitter.boundary;
          if (from >= 0 && frame.run(splitter.bytes, from) > 0) {
            seen += splitter.bytes.toString("utf8", from, frame.end);
            splitter.jump(frame.end);
          }
          if (!splitter.next()) break;
          seen += splitter.bytes.toString("utf8", splitter.eventStart, splitter.eventEnd);
        }
      }
      assert.equal(seen, wire.toString("utf8"));
    }),
    { seed: 12, numRuns: 800 },
  );
});

/** An event whose frame has an escape of its own. */
function escapedEvent(text: string): string {
  return `data: {"id":"a\\\\b","choices":[{"delta":{"content":${JSON.stringify(text)}},"finish_reason":null}]}\n\n`;
}

test("counts the bytes of the texts that a run holds, without their escapes", () => {
  const texts = ["Hi", 'a "b" \\ \n', "é😀", "", "\u0001"];
  const bytes = Buffer.from(`xx${texts.map(escapedEvent).join("")}`);
  const frame = new EventFrame('"content":"');
  const first = Buffer.from(escapedEvent("x"));
  frame.learn(first, 0, first.length);
  assert.equal(frame.run(bytes, 2), texts.length);
  assert.equal(frame.textBytes(bytes, 2), Buffer.byteLength(texts.join("")));
});
