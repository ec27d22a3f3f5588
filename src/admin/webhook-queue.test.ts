// Tests of webhooks: signed in the form of Standard Webhooks, tried again, given up in the end, without a secret in the log.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import type { OutboundCall, Upstream, UpstreamHandler } from "../core/http.ts";
import { sign, type WebhookTarget } from "./webhook-post.ts";
import { WebhookQueue } from "./webhook-queue.ts";

const TARGET: WebhookTarget = {
  url: "https://user:pass%20word@hooks.test/budget?team=1",
  secret: `whsec_${Buffer.from("a key of some bytes").toString("base64")}`,
  proxy: { type: "none" },
  allowPrivateNetwork: false,
};

/** Each call is answered by the next of these: a status, or a failure. */
function upstreamOf(answers: (number | "connect")[]): Upstream & { readonly calls: OutboundCall[] } {
  const calls: OutboundCall[] = [];
  return {
    calls,
    send(call: OutboundCall, handler: UpstreamHandler) {
      calls.push(call);
      const answer = answers.shift() ?? 200;
      queueMicrotask(() => {
        if (answer === "connect")
          return handler.onFailure({ kind: "connect", answered: false, stale: false, sent: false, detail: "x" });
        handler.onHead(answer, { get: () => undefined } as never);
        handler.onEnd();
      });
      return {} as never;
    },
    close() {},
  };
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 1000) assert.fail("it did not happen");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function queueOf(upstream: Upstream, target: WebhookTarget | null = TARGET) {
  const told: string[] = [];
  const queue = new WebhookQueue({
    upstream,
    target: () => target,
    log: (_level, text, fields) => void told.push(`${text} ${JSON.stringify(fields)}`),
    now: () => 1_700_000_000_999,
    pauses: [1, 1],
  });
  return { queue, told };
}

test("a webhook carries id, time and a signature that its receiver can check", async () => {
  const upstream = upstreamOf([]);
  const { queue } = queueOf(upstream);
  queue.add({ id: "evt_1", body: '{"a":"ü"}' });
  await until(() => queue.size === 0);
  const [call] = upstream.calls;
  assert.ok(call);
  assert.deepEqual([call.method, call.origin.url, call.path], ["POST", "https://hooks.test", "/budget?team=1"]);
  const key = Buffer.from("a key of some bytes");
  const mac = createHmac("sha256", key).update('evt_1.1700000000.{"a":"ü"}').digest("base64");
  const head = String(call.headers);
  for (const line of ["webhook-id: evt_1", "webhook-timestamp: 1700000000", `webhook-signature: v1,${mac}`])
    assert.ok(head.includes(line), `${line} in ${head}`);
  assert.ok(head.includes(`Basic ${Buffer.from("user:pass word").toString("base64")}`));
  assert.equal(Buffer.concat(call.body).toString(), '{"a":"ü"}');
});

test("a secret of any other form is its own bytes, and without one nothing is signed", async () => {
  const message = { id: "m", body: "{}" };
  const mac = createHmac("sha256", "plain words").update("m.7.{}").digest("base64");
  assert.equal(sign("plain words", message, 7), `v1,${mac}`);
  const upstream = upstreamOf([]);
  const { queue } = queueOf(upstream, { ...TARGET, secret: null });
  queue.add(message);
  await until(() => queue.size === 0);
  assert.ok(!String(upstream.calls[0]?.headers).includes("signature"));
});

test("what is not taken is sent again with the same id, and given up in the end with a word in the log", async () => {
  const upstream = upstreamOf([500, "connect", 200, "connect", 503, 500]);
  const { queue, told } = queueOf(upstream);
  queue.add({ id: "first", body: "{}" });
  await until(() => queue.size === 0);
  assert.deepEqual([upstream.calls.length, told.length], [3, 0]);
  queue.add({ id: "second", body: "{}" });
  await until(() => queue.size === 0);
  assert.equal(upstream.calls.length, 6);
  assert.deepEqual(told, [
    'a webhook about a budget was not delivered {"id":"second","tries":3,"reason":"it answered with status 500"}',
  ]);
});

test("a receiver that is gone is not asked again; an address that is none is told without showing it", async () => {
  const upstream = upstreamOf([410]);
  const { queue, told } = queueOf(upstream);
  queue.add({ id: "gone", body: "{}" });
  await until(() => queue.size === 0);
  assert.equal(upstream.calls.length, 1);
  const wrong = queueOf(upstream, { ...TARGET, url: "sk-secret-in-a-wrong-place" });
  wrong.queue.add({ id: "none", body: "{}" });
  await until(() => wrong.queue.size === 0);
  assert.match(wrong.told[0] ?? "", /webhook_url is no address/);
  assert.doesNotMatch(wrong.told.concat(told).join(), /sk-secret|some bytes|whsec/);
});

test("no more than two hundred wait, and without an address none does", async () => {
  const upstream: Upstream = { send: () => ({}) as never, close() {} };
  const { queue, told } = queueOf(upstream);
  for (let n = 0; n < 250; n++) queue.add({ id: String(n), body: "{}" });
  assert.deepEqual([queue.size, told.length], [200, 50]);
  queue.stop();
  assert.match(told.at(-1) ?? "", /before the end {"count":200}/);
  const nowhere = queueOf(upstream, null);
  nowhere.queue.add({ id: "1", body: "{}" });
  assert.equal(nowhere.queue.size, 0);
});
