// A viewer that stops reading the live stream is cut off, while requests and other viewers go on.
import assert from "node:assert/strict";
import net from "node:net";
import { test } from "node:test";
import { post, startTestGateway } from "../support/gateway.ts";
import { TestViewer } from "../support/live-viewer.ts";

/** Each try of a model that nobody has makes the event longer: about 10 KB in all. */
const LONG = Array.from({ length: 6 }, (_, n) => `demo/none-${n}-${"x".repeat(480)}`);
/** More than a connection of this machine holds between its ends. */
const ENOUGH = 9 * 1024 * 1024;

test("a viewer that stops reading is cut off while traffic and others go on", async (t) => {
  const gateway = await startTestGateway();
  const other = await TestViewer.open(gateway.url, "topics=requests");
  const socket = net.connect(gateway.port, "127.0.0.1");
  const closed = new Promise<true>((resolve) => socket.once("close", () => resolve(true)));
  socket.on("error", () => {});
  try {
    socket.write("GET /api/events?topics=requests HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await new Promise((resolve) => socket.once("data", resolve));
    socket.pause();
    const body = { model: LONG[0], fallbacks: LONG.slice(1), messages: [{ role: "user", content: "hello" }] };
    const until = performance.now() + 10_000;
    let [events, sent] = [0, 0];
    while (sent < ENOUGH && performance.now() < until) {
      const began = performance.now();
      await Promise.all(Array.from({ length: 15 }, () => post(`${gateway.url}/v1/chat/completions`, body)));
      // slow enough to be shown one by one
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, 100 - (performance.now() - began))));
      for (; events < other.events.length; events++) sent += JSON.stringify(other.events[events]?.data).length;
    }
    if (sent < ENOUGH / 2) return t.skip(`this machine is too slow to fill a connection: ${sent} bytes`);
    // longer than the patience with it
    await new Promise((resolve) => setTimeout(resolve, 6500));
    const before = other.events.length;
    const answer = await post(`${gateway.url}/v1/chat/completions`, { ...body, model: "demo/echo", fallbacks: [] });
    assert.equal(answer.status, 200);
    await other.until(() => other.of("demo/echo").some(({ type }) => type === "request.finished"));
    assert.ok(other.events.length > before);
    socket.resume();
    const late = new Promise<false>((resolve) => setTimeout(resolve, 5000, false).unref());
    assert.equal(await Promise.race([closed, late]), true, "the connection was cut");
    assert.equal(other.ended, false);
  } finally {
    other.close();
    socket.destroy();
    await gateway.stop();
  }
});
