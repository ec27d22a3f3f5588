// `drawbridge logs -f` against a gateway whose stream has a gap: what was hidden is read from the log and shown once.
import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { logs } from "./logs.ts";

const START = Date.parse("2026-03-01T10:00:00Z");

const row = (nth: number) => ({
  id: `r${nth}`,
  timestamp: new Date(START + nth * 1000).toISOString(),
  status: "success",
  provider: "openai",
  model: "m",
  latency: 1,
  cost: 0,
});

const PATH_OF_EVENTS = "/api/events";

/** Runs the command until the gateway refuses it; gives what was printed and what was asked. */
async function follow(
  answer: (url: URL, response: ServerResponse, streams: number) => void,
): Promise<{ ids: string[]; asked: URL[] }> {
  const asked: URL[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://gateway");
    asked.push(url);
    answer(url, response, asked.filter(({ pathname }) => pathname === PATH_OF_EVENTS).length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const out: string[] = [];
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const code = await logs(["-f", "-json", "-provider", "openai", "-url", url], {
      out: (text) => out.push(text),
      err: () => {},
      isTty: false,
      environment: {},
      cwd: "/",
    });
    assert.equal(code, 1);
  } finally {
    server.close();
    server.closeAllConnections();
  }
  return { ids: out.map((line) => (JSON.parse(line) as { id: string }).id), asked };
}

const enough = (response: ServerResponse) =>
  response.writeHead(403).end(JSON.stringify({ error: { message: "enough" } }));

const frame = (id: number, type: string, data: unknown) =>
  `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;

test("rows that a gap hid are read from the log, each is shown once, in order", { timeout: 20_000 }, async () => {
  const { ids, asked } = await follow((url, response, streams) => {
    if (url.pathname !== PATH_OF_EVENTS) {
      const rows = url.searchParams.has("start_time") ? [row(4), row(3), row(2), row(1)] : [row(1)];
      response.end(JSON.stringify({ logs: rows }));
    } else if (streams > 1) enough(response);
    else {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(frame(1, "request.finished", { request: row(2) }));
      response.end(frame(2, "gap", null) + frame(3, "request.finished", { request: row(5) }));
    }
  });
  assert.deepEqual(ids, ["r1", "r2", "r3", "r4", "r5"]);
  const filled = asked.find(({ searchParams }) => searchParams.has("start_time"));
  assert.equal(filled?.searchParams.get("providers"), "openai");
  assert.equal(Date.parse(filled?.searchParams.get("start_time") ?? ""), START + 1000);
});

test("a gap that could not be filled is asked for again", { timeout: 20_000 }, async () => {
  let fills = 0;
  const { ids, asked } = await follow((url, response, streams) => {
    if (url.pathname !== PATH_OF_EVENTS) {
      const isFill = url.searchParams.has("start_time");
      if (isFill && ++fills === 1) response.writeHead(503).end("{}");
      else response.end(JSON.stringify({ logs: isFill ? [row(3), row(2), row(1)] : [row(1)] }));
    } else if (streams > 2) enough(response);
    else {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const seen = streams === 1 ? frame(1, "request.finished", { request: row(2) }) : "";
      response.end(seen + frame(2, "gap", null));
    }
  });
  assert.deepEqual(ids, ["r1", "r2", "r3"]);
  const since = asked
    .filter(({ pathname }) => pathname === PATH_OF_EVENTS)
    .map(({ searchParams }) => searchParams.get("since"));
  assert.deepEqual(since, [null, "1", "2"]);
});
