// What a head tells of itself, beyond the framing that the corpus covers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { answerBodyLength, CHUNKED, requestBodyLength, UNTIL_CLOSE } from "./body-length.ts";
import { ANSWER_LIMITS, findHeadEnd, Head } from "./head.ts";

function request(text: string): Head {
  const head = new Head();
  const bytes = Buffer.from(text, "latin1");
  head.readRequest(bytes, 0, findHeadEnd(bytes, 0));
  return head;
}

function answer(text: string): Head {
  const head = new Head(ANSWER_LIMITS);
  const bytes = Buffer.from(text, "latin1");
  assert.equal(head.readResponse(bytes, 0, findHeadEnd(bytes, 0)), true, text);
  return head;
}

test("a request tells its method, its target and its fields on demand", () => {
  const head = request(
    "POST /v1/chat?a=1 HTTP/1.1\r\nHost: a:80\r\nX-A:  b \r\nx-a: \xe9\r\nContent-Length: 3\r\n\r\nabc",
  );
  assert.equal(head.error, null);
  assert.equal(head.method(), "POST");
  assert.equal(head.target(), "/v1/chat?a=1");
  assert.equal(head.get("x-a"), "b, \xe9");
  assert.equal(head.get("x-b"), undefined);
  assert.deepEqual(head.entries(), [
    ["host", "a:80"],
    ["x-a", "b"],
    ["x-a", "\xe9"],
    ["content-length", "3"],
  ]);
  assert.equal(requestBodyLength(head), 3);
});

test("a head that is read later knows nothing of the one before", () => {
  const head = new Head();
  const first = Buffer.from(
    "POST /a HTTP/1.0\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\nUpgrade: x\r\n\r\n",
  );
  assert.equal(head.readRequest(first, 0, first.length), true);
  assert.deepEqual([head.close, head.http10, head.upgrade, head.contentLength], [true, true, true, 3]);
  const second = Buffer.from("GET /b HTTP/1.1\r\nHost: b\r\n\r\n");
  assert.equal(head.readRequest(second, 0, second.length), true);
  assert.deepEqual([head.close, head.http10, head.upgrade, head.contentLength], [false, false, false, -1]);
  assert.equal(head.get("content-length"), undefined);
  const third = Buffer.from("GET /c\r\n\r\n");
  assert.equal(head.readRequest(third, 0, third.length), false);
  assert.equal(head.hasTarget, false);
});

test("a head within other bytes is read between its bounds", () => {
  const head = new Head();
  const bytes = Buffer.from("xxGET /a HTTP/1.1\r\nHost: a\r\n\r\nX-B: c\r\n\r\n");
  assert.equal(head.readRequest(bytes, 2, findHeadEnd(bytes, 2)), true);
  assert.equal(head.count, 1);
  assert.equal(head.method(), "GET");
});

test("a refused request still tells method and target where its first line was good", () => {
  const head = request("DELETE /a?b HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n");
  assert.equal(head.error?.status, 400);
  assert.match(head.error?.reason ?? "", /space between a header's name and its colon/);
  assert.equal(head.hasTarget, true);
  assert.equal(head.method(), "DELETE");
  assert.equal(head.target(), "/a?b");
});

test("an upgrade is told, whichever of its two headers asks for it", () => {
  assert.equal(request("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n").upgrade, true);
  assert.equal(request("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\n\r\n").upgrade, true);
  assert.equal(answer("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n").upgrade, true);
  assert.equal(answer("HTTP/1.1 200 OK\r\nUpgrade: h2\r\n\r\n").upgrade, false);
});

test("an expectation holds in HTTP/1.1 only", () => {
  assert.equal(request("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n").expectContinue, true);
  assert.equal(request("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").expectContinue, false);
});

test("the length of an answer's body follows from method, status and head", () => {
  const sized = answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  const chunked = answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  const open = answer("HTTP/1.0 200 OK\r\n\r\n");
  assert.equal(answerBodyLength("GET", sized), 5);
  assert.equal(answerBodyLength("HEAD", sized), 0);
  assert.equal(answerBodyLength("CONNECT", sized), 0);
  assert.equal(answerBodyLength("GET", chunked), CHUNKED);
  assert.equal(answerBodyLength("HEAD", chunked), 0);
  assert.equal(answerBodyLength("GET", open), UNTIL_CLOSE);
  for (const status of [100, 101, 204, 304])
    assert.equal(answerBodyLength("GET", answer(`HTTP/1.1 ${status} X\r\nContent-Length: 5\r\n\r\n`)), 0);
  assert.equal(answerBodyLength("CONNECT", answer("HTTP/1.1 407 X\r\nContent-Length: 5\r\n\r\n")), 5);
});

test("whatever is wrong with an answer is the provider's fault: 502", () => {
  const head = new Head({ maxHeaders: 2, maxBytes: 60 });
  for (const text of [
    "HTTP/1.1 200 OK\r\nA: b\r\nA: b\r\nA: b\r\n\r\n",
    `HTTP/1.1 200 OK\r\nA: ${"b".repeat(60)}\r\n\r\n`,
  ]) {
    assert.equal(head.readResponse(Buffer.from(text), 0, text.length), false);
    assert.equal(head.error?.status, 502);
  }
});
