// Slices of a version: small, in order, closed by one last, and acknowledged.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Entity } from "../core/entities.ts";
import type { ControlToLoop } from "../core/plane-messages.ts";
import { namesOf } from "../core/virtual-key-codec.ts";
import { keyEntity, providerEntity, scope, virtualKeyEntity } from "./fixtures/house.ts";
import { Publisher } from "./publisher.ts";

const keys = Array.from({ length: 1700 }, (_, n) => virtualKeyEntity(`k${n}`, [scope("openai", null)]));

type Slice = Extract<ControlToLoop, { type: "snapshot" }>;

/** What one publication sends; nobody acknowledges it. */
function slicesOf(upserts: readonly Entity[], removes: readonly string[]): Slice[] {
  const sent: Slice[] = [];
  const publisher = new Publisher((message) => sent.push(message as Slice) > 0);
  void publisher.publish({ version: 1, upserts, removes, paced: false, revision: 9 });
  return sent;
}

/** Names of the virtual keys of a slice. */
function namesIn(slice: Slice): string[] {
  return slice.keys === undefined ? [] : namesOf(slice.keys);
}

describe("the slices of a version", () => {
  it("hold at most 500 virtual keys each, in order, and exactly one last", () => {
    const slices = slicesOf(keys, []);
    assert.deepEqual(
      slices.map((slice) => namesIn(slice).length),
      [500, 500, 500, 200],
    );
    assert.deepEqual(
      slices.flatMap(namesIn),
      keys.map((key) => key.name),
    );
    assert.deepEqual(
      slices.map((slice) => slice.last),
      [false, false, false, true],
    );
  });

  it("are one empty last slice when nothing changed", () => {
    assert.deepEqual(slicesOf([], []), [
      { type: "snapshot", version: 1, upserts: [], removes: [], last: true, revision: 9 },
    ]);
  });

  it("remove before they add", () => {
    const slices = slicesOf(keys.slice(0, 10), ["virtual-key:a"]);
    assert.deepEqual(slices[0]?.removes, ["virtual-key:a"]);
    assert.equal(slices.length, 1);
  });

  it("give a provider with very many keys a slice of its own", () => {
    const many = providerEntity(
      "openai",
      Array.from({ length: 2000 }, (_, n) => keyEntity(`p${n}`)),
    );
    const slices = slicesOf([...keys.slice(0, 3), many, ...keys.slice(3, 6)], []);
    assert.deepEqual(
      slices.map((slice) => [namesIn(slice).length, slice.upserts.length]),
      [
        [3, 0],
        [0, 1],
        [3, 0],
      ],
    );
  });
});

describe("the publisher", () => {
  it("resolves when the loop has acknowledged that version", async () => {
    const sent: ControlToLoop[] = [];
    const publisher = new Publisher((message) => sent.push(message) > 0);
    let isDone = false;
    const done = publisher.publish({ version: 4, upserts: keys, removes: [], paced: true, revision: 3 }).then(() => {
      isDone = true;
    });
    while (sent.length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
    publisher.applied(3);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isDone, false);
    publisher.applied(4);
    await done;
    assert.ok(sent.every((message) => message.type === "snapshot" && message.version === 4));
  });
});
