// What the tests of upstream faults share: every way through the gateway, and what each outcome looks like from outside.
import assert from "node:assert/strict";
import { type Dialect, errorEvents, errorOf, isWhole, type Reply, textOf } from "../support/conversation.ts";
import type { Kind, Rig } from "../support/rig.ts";

/** The providers that these tests need. */
export const FAULT_KINDS: Readonly<Record<string, Kind>> = {
  openai: { base: "openai" },
  claude: { base: "anthropic" },
};

/** One way through: who asks, who is asked first, who stands behind him. */
export interface Way {
  readonly name: string;
  readonly dialect: Dialect;
  readonly first: string;
  readonly second: string;
  readonly stream: boolean;
}

/** Raw lane and translation, from both dialects; the second target speaks the other one. */
export function waysThrough(streams: readonly boolean[] = [false, true]): Way[] {
  return (["openai", "anthropic"] as const).flatMap((dialect) =>
    (["openai0", "claude0"] as const).flatMap((first) =>
      streams.map((stream) => ({
        name: `${dialect} client, ${first}${stream ? ", streamed" : ""}`,
        dialect,
        first,
        second: first === "openai0" ? "claude0" : "openai0",
        stream,
      })),
    ),
  );
}

/** Words of ours, addresses and library texts must not be told to a caller. */
const TELLTALE = /127\.0\.0\.1|localhost|ECONN|EPIPE|ENOTFOUND|EAI_|socket|errno|node:|\.ts\b|\/v1\//i;

/** A refusal in the client's dialect, with one of these statuses. */
export function assertRefused(reply: Reply, way: Way, statuses: readonly number[]): void {
  assert.ok(statuses.includes(reply.status), `${way.name}: ${reply.status} ${reply.text}`);
  assert.equal(reply.headers.get("content-type"), "application/json", way.name);
  assert.ok(!reply.broken, way.name);
  const { message } = errorOf(reply.json, way.dialect);
  assert.doesNotMatch(message, TELLTALE, way.name);
}

/** A whole good answer to this very question. */
export function assertAnswered(reply: Reply, way: Way): void {
  assert.equal(reply.status, 200, `${way.name}: ${reply.status} ${reply.text.slice(0, 500)}`);
  assert.ok(textOf(reply).includes(reply.mark), `${way.name}: ${textOf(reply).slice(0, 500)}`);
  assert.equal(errorEvents(reply).length, 0, way.name);
  assert.ok(!reply.broken, way.name);
  if (way.stream) assert.ok(isWhole(reply), `${way.name} has no end: ${reply.text.slice(-300)}`);
}

/** Content, then one error event in the client's dialect as the last, and a connection that did not end well. */
export function assertBroken(reply: Reply, way: Way): void {
  assert.equal(reply.status, 200, `${way.name}: ${reply.text}`);
  assert.ok(textOf(reply).length > 0, `${way.name}: no content before the error`);
  assert.equal(errorEvents(reply).length, 1, `${way.name}: ${reply.text}`);
  const last = reply.events.at(-1);
  assert.ok(last !== undefined && last !== "[DONE]", way.name);
  assert.doesNotMatch(errorOf(last, way.dialect).message, TELLTALE, way.name);
  assert.doesNotMatch(reply.text, /\[DONE\]|message_stop/, way.name);
  assert.doesNotMatch(reply.text, /"(finish_reason|stop_reason)":"/, `${way.name}: a clean stop`);
  assert.ok(reply.broken, `${way.name}: the body ended well`);
  if (way.dialect === "anthropic") assert.match(reply.text, /event: error\ndata: /);
}

/** Alone the fault is refused with one of `statuses`; with a healthy second target nobody sees it. */
export async function assertFailsOver(rig: Rig, behaviour: string, way: Way, statuses: readonly number[]) {
  const model = `${way.first}/${behaviour}`;
  const { dialect, stream } = way;
  const [alone, covered] = await Promise.all([
    rig.ask({ dialect, stream, model }),
    rig.ask({ dialect, stream, model, fallbacks: [`${way.second}/echo`] }),
  ]);
  assertRefused(alone, way, statuses);
  assertAnswered(covered, way);
  assert.equal(covered.headers.get("x-bifrost-provider"), way.second, way.name);
  const asked = rig.seen(covered).map((request) => request.model);
  assert.deepEqual([...new Set(asked)], [behaviour, "echo"], `${way.name}: the provider saw ${asked.join(", ")}`);
  const [failed, row] = await Promise.all([rig.row(alone), rig.row(covered)]);
  assert.equal(failed.status, "error");
  assert.notEqual(failed.attempts.at(-1)?.outcome, "");
  assert.notEqual(failed.attempts.at(-1)?.error, "");
  assert.equal(row.status, "success");
  assert.equal(row.fallback_index, 1);
  assert.equal(row.attempts.at(-1)?.outcome, "");
  assert.equal(row.attempts.at(-1)?.reason, "next provider");
}

/** After content it is too late for anybody else. */
export async function assertBreaksOff(rig: Rig, behaviour: string, way: Way) {
  const { dialect, stream } = way;
  const reply = await rig.ask({
    dialect,
    stream,
    model: `${way.first}/${behaviour}`,
    fallbacks: [`${way.second}/echo`],
  });
  assertBroken(reply, way);
  assert.equal(rig.seen(reply).length, 1, `${way.name}: asked again after content`);
  const row = await rig.row(reply);
  assert.equal(row.status, "error");
  assert.equal(row.attempts.length, 1);
  assert.notEqual(row.attempts[0]?.outcome, "");
}

/** What the fault left behind does not concern the next request. */
export async function assertNextIsFine(rig: Rig) {
  await Promise.all(
    waysThrough().map(async (way) =>
      assertAnswered(await rig.ask({ dialect: way.dialect, stream: way.stream, model: `${way.first}/echo` }), way),
    ),
  );
}
