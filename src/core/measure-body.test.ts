// What of a body is text and what is pictures, documents and sound.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { findMedia } from "./measure-body.ts";
import { MEDIA_MIN_BYTES } from "./media.ts";

const found = (body: unknown) => findMedia(Buffer.from(JSON.stringify(body)));
const base64 = (length: number): string => "QUJDREVGR0g/+".repeat(Math.ceil(length / 13)).slice(0, length);
/** More than is searched for short media. */
const PROSE = "A gateway stands at the river, and whoever comes is let across. ".repeat(400);

const url = (type: string): string => `data:${type};base64,${base64(40)}`;

test("text has no media, whatever it speaks of", () => {
  assert.deepEqual(
    found({ model: "m", messages: [{ role: "user", content: "write data: and data:image/png, please" }] }),
    [],
  );
  assert.deepEqual(found({ content: PROSE }), []);
  assert.deepEqual(found({ content: `${PROSE} data:image/png;base64,${base64(300)}` }), []);
});

test("a URL with its data in it counts by its type, short ones in small bodies too", () => {
  const kinds = (type: string): unknown =>
    found({ image_url: { url: url(type) } }).map(({ kind, count }) => [kind, count]);
  assert.deepEqual(kinds("image/png"), [["image", 1]]);
  assert.deepEqual(kinds("application/pdf"), [["document", 1]]);
  assert.deepEqual(kinds("audio/wav"), [["audio", 1]]);
  const two = found([url("image/png"), { nested: url("image/jpeg") }, "data: none"]);
  assert.deepEqual(two, [{ kind: "image", count: 2, bytes: url("image/png").length + url("image/jpeg").length }]);
});

test("short media in a long body is looked for where a budget is never to be exceeded", () => {
  const body = Buffer.from(JSON.stringify([PROSE, `data:image/png;base64,${base64(300)}`]));
  assert.deepEqual(findMedia(body), []);
  assert.deepEqual(findMedia(body, body.length), [{ kind: "image", count: 1, bytes: 322 }]);
});

test("a string of base64 counts from its length on, by the type that stands beside it", () => {
  const at = (length: number) =>
    found({ source: { type: "base64", media_type: "application/pdf", data: base64(length) } });
  assert.deepEqual(at(MEDIA_MIN_BYTES), []);
  assert.deepEqual(at(MEDIA_MIN_BYTES + 1), [{ kind: "document", count: 1, bytes: MEDIA_MIN_BYTES + 1 }]);
  assert.deepEqual(
    found({ type: "input_audio", input_audio: { data: base64(9000), format: "wav" } })[0]?.kind,
    "audio",
  );
  assert.deepEqual(found({ inlineData: base64(9000) })[0]?.kind, "image");
});

test("large media is found wherever it stands, once each", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(9000), fc.integer({ min: MEDIA_MIN_BYTES + 1, max: 30_000 }), fc.boolean()), {
        maxLength: 4,
      }),
      (pieces) => {
        const parts = pieces.flatMap(([before, length, isUrl]) => [
          { text: PROSE.slice(0, before) },
          { media: isUrl ? `data:image/png;base64,${base64(length)}` : base64(length) },
        ]);
        const media = parts.flatMap((part) => ("media" in part ? [String(part.media).length] : []));
        const bytes = media.reduce((sum, length) => sum + length, 0);
        assert.deepEqual(found(parts), media.length === 0 ? [] : [{ kind: "image", count: media.length, bytes }]);
      },
    ),
    { seed: 5, numRuns: 300 },
  );
});
