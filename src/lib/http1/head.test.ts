import assert from "node:assert/strict";
import { test } from "node:test";
import { findHeadEnd, Head } from "./head.ts";

test("a plain request is read", () => {
  const bytes = Buffer.from(
    "POST /v1/chat?a=1 HTTP/1.1\r\nHost: a:80\r\nX-A:  b \r\nx-a: c\r\nContent-Length: 3\r\n\r\nabc",
  );
  const head = new Head();
  const end = findHeadEnd(bytes, 0);
  assert.equal(end, bytes.length - 3);
  assert.equal(head.readRequest(bytes, 0, end), true);
  assert.equal(head.method(), "POST");
  assert.equal(head.target(), "/v1/chat?a=1");
  assert.equal(head.get("x-a"), "b, c");
  assert.equal(head.contentLength, 3);
  assert.equal(head.close, false);
});
