// Requests as their viewers see them while they run: over SSE, over /ws, through losses, floods, slow readers and a stop.
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, test } from "node:test";
import { WebSocket } from "ws";
import { post, startTestGateway, type TestGateway } from "../support/gateway.ts";
import { type SeenEvent, TestViewer } from "../support/live-viewer.ts";

let gateway: TestGateway;

before(async () => {
  gateway = await startTestGateway();
});

after(async () => {
  await gateway.stop();
});

const ask = (model: string, more: object = {}, at = gateway) =>
  post(`${at.url}/v1/chat/completions`, { model, messages: [{ role: "user", content: "hello" }], ...more });

test("a slow stream is seen to start, to bring its first token, and to end", async () => {
  const viewer = await TestViewer.open(gateway.url, "topics=requests");
  const model = "demo/chunks-5-150ms";
  const answered = ask(model, { stream: true }).then(() => performance.now());
  await viewer.until(() => viewer.of(model).length > 0);
  const [first] = viewer.of(model);
  assert.equal(first?.data.request.status, "processing");
  assert.equal(first?.data.request.provider, "demo");
  await viewer.until(() => viewer.of(model).some(({ type }) => type === "request.first_token"));
  await viewer.until(() => viewer.of(model).some(({ type }) => type === "request.finished"));
  const finished = viewer.of(model).at(-1) as SeenEvent;
  const delay = finished.at - (await answered);
  console.log(`row ${Math.round(delay)} ms after the answer`);
  assert.ok(delay < 2000);
  const { request } = finished.data;
  assert.equal(request.status, "success");
  assert.equal(request.status_code, 200);
  assert.ok((request.latency ?? 0) > 300 && (request.time_to_first_token ?? 0) > 0);
  assert.equal(request.attempts.length, 1);
  assert.ok((request.attempts[0]?.end ?? -1) > (request.attempts[0]?.first_byte ?? 0));
  const ids = viewer.events.map(({ id }) => id);
  assert.deepEqual(
    ids,
    ids.toSorted((a, b) => a - b),
  );
  viewer.close();
});

test("a failover shows its second try while it runs, and both at the end", async () => {
  const viewer = await TestViewer.open(gateway.url, "topics=requests");
  const model = "demo/status-503";
  const answer = ask(model, { fallbacks: ["demo/slow-400ms"] });
  await viewer.until(() => viewer.of(model).some(({ data }) => data.request.attempts.length === 2));
  const running = viewer.of(model).find(({ data }) => data.request.attempts.length === 2)?.data.request;
  assert.equal(running?.status, "processing");
  assert.equal(running?.attempts[0]?.status, 503);
  assert.notEqual(running?.attempts[0]?.outcome, "");
  assert.equal(running?.attempts[1]?.end, null);
  assert.equal((await answer).status, 200);
  await viewer.until(() => viewer.of(model).some(({ type }) => type === "request.finished"));
  const done = viewer.of(model).at(-1)?.data.request;
  assert.equal(done?.fallback_index, 1);
  assert.equal(done?.model, "slow-400ms");
  assert.deepEqual(
    done?.attempts.map(({ fallback_index, outcome }) => [fallback_index, outcome === ""]),
    [
      [0, false],
      [1, true],
    ],
  );
  viewer.close();
});

test("who comes back with the last id has lost nothing and sees nothing twice", async () => {
  const first = await TestViewer.open(gateway.url, "topics=requests");
  await ask("demo/echo", { user: "one" });
  await first.until(() => first.of("demo/echo").some(({ type }) => type === "request.finished"));
  const last = first.events.at(-1)?.id ?? 0;
  first.close();
  for (let n = 0; n < 5; n++) await ask(`demo/chunks-${n + 1}`);
  for (const [query, headers] of [
    [`since=${last}`, {}],
    ["", { "last-event-id": String(last) }],
  ] as const) {
    const again = await TestViewer.open(gateway.url, `topics=requests&${query}`, headers);
    await ask("demo/length");
    await again.until(() => again.of("demo/length").some(({ type }) => type === "request.finished"));
    const finished = again.events.filter(({ type }) => type === "request.finished");
    const ids = finished.map(({ data }) => data.request.id);
    assert.equal(new Set(ids).size, ids.length);
    for (let n = 0; n < 5; n++)
      assert.equal(finished.filter((e) => e.data.request.requested_model === `demo/chunks-${n + 1}`).length, 1);
    assert.ok(again.events.every(({ id, type }) => id > last && type !== "gap"));
    again.close();
  }
});

test("an id that is not known any more is answered with a gap, and what comes is shown", async () => {
  const viewer = await TestViewer.open(gateway.url, "topics=requests&since=5");
  await viewer.until(() => viewer.events.length > 0);
  assert.equal(viewer.events[0]?.type, "gap");
  await ask("demo/echo");
  await viewer.until(() => viewer.events.some(({ type }) => type === "request.finished"));
  viewer.close();
});

test("filters show what they name, and nothing else", async () => {
  const errors = await TestViewer.open(gateway.url, "topics=requests&status=error");
  const users = await TestViewer.open(gateway.url, "topics=requests&user_ids=ann");
  await ask("demo/echo", { user: "ann" });
  await ask("demo/status-400", { user: "bob" });
  await errors.until(() => errors.events.length > 0);
  await users.until(() => users.events.some(({ type }) => type === "request.finished"));
  assert.deepEqual(
    errors.events.map(({ data }) => data.request.requested_model),
    ["demo/status-400"],
  );
  assert.ok(users.events.every(({ data }) => data.request.user_id === "ann"));
  errors.close();
  users.close();
  for (const query of ["topics=request", "status=bad", "since=x", "provider=a"]) {
    const answer = await fetch(`${gateway.url}/api/events?${query}`);
    assert.equal(answer.status, 400, query);
    const { error } = (await answer.json()) as { error: { message: string } };
    assert.match(error.message, new RegExp(query.split("=")[0] as string));
  }
});

test("a flood is summed up and says so, and single requests come back when it is over", async () => {
  const viewer = await TestViewer.open(gateway.url, "topics=requests");
  let sent = 0;
  const worker = async (): Promise<void> => {
    while (sent < 2500 && !viewer.events.some(({ type }) => type === "requests.summary")) {
      sent++;
      await ask("demo/echo");
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  const shown = new Set(viewer.events.map(({ data }) => data.request?.id)).size;
  console.log(`${sent} requests, ${shown} shown one by one`);
  if (viewer.events.some(({ type }) => type === "requests.summary")) {
    const summary = viewer.events.find(({ type }) => type === "requests.summary")?.data["summary"] as {
      requests: number;
      success: number;
      by_provider: Record<string, { requests: number }>;
    };
    assert.ok(summary.requests > 0 && summary.requests === summary.success);
    assert.equal(summary.by_provider["demo"]?.requests, summary.requests);
  } else console.log("this machine is too slow for a flood");
  await new Promise((resolve) => setTimeout(resolve, 2300));
  await ask("demo/length");
  await viewer.until(() => viewer.of("demo/length").some(({ type }) => type === "request.finished"));
  viewer.close();
});

const UPGRADE = { headers: { origin: "https://evil.example" } };

function opened(url: string, options: object = {}): Promise<WebSocket | number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, options);
    socket.once("open", () => resolve(socket));
    socket.once("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
    socket.once("error", reject);
  });
}

test("/ws takes a ticket once, pushes finished requests as rows and tells what to read anew", async () => {
  const secured = await startTestGateway({
    config: {
      auth_config: {
        admin_username: "admin",
        admin_password: "correct-horse",
        is_enabled: true,
        disable_auth_on_inference: true,
      },
    },
  });
  try {
    const basic = { authorization: `Basic ${Buffer.from("admin:correct-horse").toString("base64")}` };
    const url = `ws://127.0.0.1:${secured.port}/ws`;
    assert.equal(await opened(url), 401);
    assert.equal(await opened(`${url}?ticket=wrong`), 401);
    const { json } = await post(`${secured.url}/api/session/ws-ticket`, "", basic);
    const socket = (await opened(`${url}?ticket=${json["ticket"]}`)) as WebSocket;
    const messages: { type: string; data?: { requested_model: string; status: string }; tags?: string[] }[] = [];
    socket.on("message", (text) => messages.push(JSON.parse(String(text))));
    assert.equal(await opened(`${url}?ticket=${json["ticket"]}`), 401);
    assert.equal(await opened(url, { ...UPGRADE, headers: { ...UPGRADE.headers, ...basic } }), 403);
    await ask("demo/echo", {}, secured);
    await post(`${secured.url}/api/governance/customers`, { name: "new" }, basic);
    for (let tries = 0; messages.length < 2 && tries < 400; tries++) await new Promise((r) => setTimeout(r, 10));
    const row = messages.find(({ type }) => type === "log")?.data;
    assert.equal(row?.requested_model, "demo/echo");
    assert.equal(row?.status, "success");
    assert.deepEqual(messages.find(({ type }) => type === "store_update")?.tags, ["Customers"]);
    const ponged = new Promise((resolve) => socket.once("pong", resolve));
    socket.ping();
    await ponged;
    const closed = new Promise((resolve) => socket.once("close", (code) => resolve(code)));
    socket.send("x".repeat(10_000));
    assert.equal(await closed, 1009);
  } finally {
    await secured.stop();
  }
});

test("HEAD of the stream is answered and the connection goes on", async () => {
  for (let n = 0; n < 2; n++) {
    const answer = await fetch(`${gateway.url}/api/events`, { method: "HEAD", signal: AbortSignal.timeout(5000) });
    assert.equal(answer.headers.get("content-type"), "text/event-stream");
  }
});

test("/ws without an upgrade says where to go; another upgrade is refused as before", async () => {
  const plain = await fetch(`${gateway.url}/ws`);
  assert.equal(plain.status, 426);
  const socket = net.connect(gateway.port, "127.0.0.1");
  const text = new Promise<string>((resolve) => {
    let all = "";
    socket.on("data", (bytes) => (all += bytes));
    socket.on("close", () => resolve(all));
  });
  socket.write("GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  assert.match(await text, /^HTTP\/1\.1 400 /);
});

test("a viewer that reads nothing holds nobody up", async () => {
  const socket = net.connect(gateway.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write("GET /api/events?topics=requests HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await new Promise((resolve) => socket.once("data", resolve));
  socket.pause();
  const viewer = await TestViewer.open(gateway.url, "topics=requests");
  for (let n = 0; n < 60; n++) assert.equal((await ask("demo/echo")).status, 200);
  await viewer.until(() => viewer.of("demo/echo").filter(({ type }) => type === "request.finished").length === 60);
  viewer.close();
  socket.destroy();
});

test("a stop ends open viewers at once", async () => {
  const other = await startTestGateway();
  const viewer = await TestViewer.open(other.url);
  const socket = (await opened(`ws://127.0.0.1:${other.port}/ws`)) as WebSocket;
  const code = new Promise((resolve) => socket.once("close", resolve));
  const began = performance.now();
  assert.equal(await other.stop(), 0);
  const took = performance.now() - began;
  await viewer.until(() => viewer.ended);
  assert.equal(await code, 1001);
  console.log(`stopped in ${Math.round(took)} ms`);
  assert.ok(took < 5000);
});
