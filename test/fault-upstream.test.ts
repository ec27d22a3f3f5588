// The fault upstream is a real server: its faults arrive through the kernel, plain and over TLS.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type FaultUpstream, startFaultUpstream } from "./support/fault-upstream.ts";

const upstream = await startFaultUpstream();
after(() => upstream.close());

interface Answer {
  readonly status: number;
  readonly text: string;
}

function post(to: FaultUpstream, model: string, options: https.RequestOptions = {}, stream = false): Promise<Answer> {
  const body = JSON.stringify({ model, stream, messages: [{ role: "user", content: "Hi" }] });
  const client = to.url.startsWith("https") ? https : http;
  return new Promise((resolve, reject) => {
    const request = client.request(`${to.url}/v1/chat/completions`, { method: "POST", ...options }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

test("any model is answered, and the request is on record", async () => {
  const before = upstream.requests.length;
  const answer = await post(upstream, "gpt-4o", { headers: { authorization: "Bearer k7" } });
  assert.equal(answer.status, 200);
  assert.equal(upstream.requests.length, before + 1);
  assert.equal(upstream.requests.at(-1)?.key, "k7");
});

test("a reset is a reset", async () => {
  for (const model of ["cut-before-head", "cut-in-head", "cut-in-body"])
    await assert.rejects(post(upstream, model), (error: NodeJS.ErrnoException) => error.code === "ECONNRESET", model);
});

test("a body that ends too early is told from one that is whole", async () => {
  for (const model of ["close-in-body", "wrong-length"]) await assert.rejects(post(upstream, model), /aborted/, model);
  assert.equal((await post(upstream, "until-close")).status, 200);
});

test("a caller that leaves is on record within 100 ms", async () => {
  const controller = new AbortController();
  const gone = post(upstream, "stall-mid-stream", { signal: controller.signal }, true).catch(() => performance.now());
  await wait(50);
  controller.abort();
  const at = (await gone) as number;
  await wait(60);
  const record = upstream.requests.at(-1);
  assert.ok(record !== undefined && record.abandonedAt !== null && record.abandonedAt - at < 100);
});

test("dropping breaks what is open", async () => {
  const broken = assert.rejects(post(upstream, "stall-before-head"));
  await wait(50);
  assert.ok(upstream.connections() > 0);
  upstream.drop();
  await broken;
});

test("it speaks TLS with the certificate it is given", async () => {
  const dir = mkdtempSync(path.join(tmpdir(), "drawbridge-upstream-"));
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "key.pem"];
  execFileSync("openssl", ["req", "-x509", ...key, "-out", "cert.pem", "-days", "2", ...subject], {
    cwd: dir,
    stdio: "ignore",
  });
  const tls = {
    key: readFileSync(path.join(dir, "key.pem"), "utf8"),
    cert: readFileSync(path.join(dir, "cert.pem"), "utf8"),
  };
  rmSync(dir, { recursive: true });
  const secure = await startFaultUpstream({ tls, acceptAnyModel: false });
  try {
    assert.match(secure.url, /^https:/);
    assert.equal((await post(secure, "echo", { ca: tls.cert })).status, 200);
    assert.equal((await post(secure, "gpt-4o", { ca: tls.cert })).status, 404);
  } finally {
    await secure.close();
  }
});
