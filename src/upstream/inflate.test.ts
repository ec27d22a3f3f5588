// Compressed answers: every coding, streamed and in order, paused, cut, broken, and bombs.
import assert from "node:assert/strict";
import { test } from "node:test";
import zlib from "node:zlib";
import {
  answering,
  callTo,
  door,
  onRequest,
  originOf,
  pause,
  type RawServer,
  Recorder,
  rawServer,
  run,
  start,
  until,
} from "./testing.ts";

const urlOf = (server: RawServer): string => `http://127.0.0.1:${server.port}`;

const CODINGS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: (bytes) => zlib.gzipSync(bytes),
  "x-gzip": (bytes) => zlib.gzipSync(bytes),
  GZIP: (bytes) => zlib.gzipSync(bytes),
  deflate: (bytes) => zlib.deflateSync(bytes),
  "deflate raw": (bytes) => zlib.deflateRawSync(bytes),
  br: (bytes) => zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 3 } }),
  zstd: (bytes) => zlib.zstdCompressSync(bytes),
};

function compressed(coding: string, body: Buffer): Buffer {
  const head = `HTTP/1.1 200 OK\r\ncontent-encoding: ${coding.split(" ")[0]}\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

const TEXT = Buffer.from(Array.from({ length: 20_000 }, (_, i) => `line ${i} of the answer\n`).join(""));

for (const [coding, compress] of Object.entries(CODINGS)) {
  test(`inflates ${coding}, and the connection is used again`, async () => {
    const server = await answering(compressed(coding, compress(TEXT)));
    const upstream = door();
    for (let i = 0; i < 3; i++) {
      const { body, headers, trace } = await run(upstream, callTo(originOf(urlOf(server))));
      assert.ok(body.equals(TEXT));
      assert.deepEqual(headers, [], "fields of the compressed bytes are not shown");
      assert.deepEqual(trace, ["connected", "head", "bytes", "end"]);
    }
    assert.equal(server.accepted(), 1);
  });

  test(`a cut ${coding} body is truncated, a broken one invalid`, async () => {
    const whole = compress(TEXT);
    const cut = await answering(compressed(coding, whole.subarray(0, whole.length - 20)));
    assert.equal((await run(door(), callTo(originOf(urlOf(cut))))).failure?.kind, "truncated");
    const noise = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251));
    noise[0] = coding === "deflate raw" ? 0xff : 0x78;
    const broken = await answering(compressed(coding, noise));
    assert.equal((await run(door(), callTo(originOf(urlOf(broken))))).failure?.kind, "invalid-answer");
  });

  test(`a ${coding} bomb is stopped at the limit`, async () => {
    const bomb = compress(Buffer.alloc(16 * 1024 * 1024));
    const server = await answering(compressed(coding, bomb));
    const recorder = new Recorder();
    recorder.keepBytes = false;
    start(door(), callTo(originOf(urlOf(server)), { maxBytes: 1_000_000 }), recorder);
    const { failure } = await recorder.done;
    assert.equal(failure?.kind, "too-large");
    assert.ok(recorder.received <= 1_000_000);
  });
}

test("a body without a byte needs no compressed stream", async () => {
  const server = await answering(compressed("gzip", Buffer.alloc(0)));
  assert.deepEqual((await run(door(), callTo(originOf(urlOf(server))))).trace, ["connected", "head", "end"]);
  const chunked = await answering(
    "HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
  );
  assert.deepEqual((await run(door(), callTo(originOf(urlOf(chunked))))).trace, ["connected", "head", "end"]);
});

test("unknown and stacked codings are refused, identity is none", async () => {
  for (const coding of ["compress", "gzip, gzip", "__proto__"]) {
    const server = await answering(compressed(coding, Buffer.from("x")));
    assert.equal((await run(door(), callTo(originOf(urlOf(server))))).failure?.kind, "invalid-answer");
  }
  const server = await answering(compressed("identity", Buffer.from("x")));
  assert.equal((await run(door(), callTo(originOf(urlOf(server))))).body.toString(), "x");
});

test("bytes behind the compressed stream within the body are passed over", async () => {
  const padded = Buffer.concat([zlib.gzipSync(TEXT), Buffer.alloc(300_000)]);
  const server = await answering(compressed("gzip", padded));
  const { body, trace } = await run(door(), callTo(originOf(urlOf(server))));
  assert.ok(body.equals(TEXT));
  assert.equal(trace.at(-1), "end");
});

const STREAMS = {
  gzip: () => zlib.createGzip({ flush: zlib.constants.Z_SYNC_FLUSH }),
  deflate: () => zlib.createDeflate({ flush: zlib.constants.Z_SYNC_FLUSH }),
  br: () => zlib.createBrotliCompress({ flush: zlib.constants.BROTLI_OPERATION_FLUSH }),
  zstd: () => zlib.createZstdCompress({ flush: zlib.constants.ZSTD_e_flush }),
} as const;

for (const [coding, open] of Object.entries(STREAMS)) {
  test(`a ${coding} event stream flows event by event`, async () => {
    let send: ((text: string | null) => void) | undefined;
    const server = await rawServer((socket) =>
      onRequest(socket, () => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: ${coding}\r\ntransfer-encoding: chunked\r\n\r\n`);
        const encoder = open();
        encoder.on("data", (bytes: Buffer) =>
          socket.write(Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")])),
        );
        encoder.on("end", () => socket.write("0\r\n\r\n"));
        send = (text) => void (text === null ? encoder.end() : encoder.write(text));
      }),
    );
    const recorder = start(door(), callTo(originOf(urlOf(server))));
    await until(() => send !== undefined);
    for (let i = 0; i < 5; i++) {
      send?.(`data: ${i}\n\n`);
      await until(() => recorder.outcome.body.toString().endsWith(`data: ${i}\n\n`));
    }
    send?.(null);
    assert.equal((await recorder.done).trace.at(-1), "end");
  });
}

test("a paused call stops inflating and the server; abort stops it for good", async () => {
  const bomb = zlib.gzipSync(Buffer.alloc(128 * 1024 * 1024), { level: 1 });
  const server = await answering(compressed("gzip", bomb));
  const recorder = new Recorder();
  recorder.keepBytes = false;
  recorder.onEach = () => recorder.call?.pause();
  start(door(), callTo(originOf(urlOf(server))), recorder);
  await until(() => recorder.received > 0);
  await pause(100);
  assert.ok(recorder.received < 400_000);
  recorder.onEach = () => {};
  recorder.call?.resume();
  await until(() => recorder.received > 50_000_000);
  recorder.call?.abort();
  const { received } = recorder;
  await pause(50);
  assert.equal(recorder.received, received);
});
