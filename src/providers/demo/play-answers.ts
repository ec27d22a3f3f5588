// Behaviours that end in a good answer, at once, late, or of a given shape.
import { fingerprint, tokensOf, wordsOf } from "./compose.ts";
import { chunkOf, headOf, type Play, type Scene } from "./scene.ts";

/** "2s" or "250ms" in ms. */
function duration(scene: Scene, part: number): number {
  return scene.number(part) * (scene.parts[part + 1] === "ms" ? 1 : 1000);
}

function say(scene: Scene, text: string, pieces: readonly string[] = wordsOf(text)): void {
  scene.change({
    text,
    pieces,
    toolCalls: [],
    stopReason: "stop",
    usage: { input: scene.composition.usage.input, output: tokensOf(Buffer.byteLength(text)) },
  });
}

export const echo: Play = (scene) => scene.answer();

export const slow: Play = async (scene) => {
  if (await scene.wire.sleep(duration(scene, 1))) await scene.answer();
};

/** A stream with a pause before each piece; a plain answer takes as long as the stream would. */
export const slowStream: Play = async (scene) => {
  const events = scene.events();
  const pause = scene.parts[1] === undefined ? 100 : duration(scene, 1);
  if (scene.request.stream) await scene.stream(events, pause);
  else if (await scene.wire.sleep(pause * (events.length - 1))) await scene.answer();
};

export const chunks: Play = async (scene) => {
  const pieces = Array.from({ length: Math.min(scene.number(1), 100_000) }, (_, i) => `piece ${i + 1} of a stream. `);
  say(scene, pieces.join(""), pieces);
  if (scene.request.stream) await scene.stream(scene.events(), scene.number(2));
  else await scene.answer();
};

/** A long answer, written as fast as it is read; it is never held whole. */
export const big: Play = async (scene) => {
  const piece = `${"0123456789abcdef".repeat(1023)} and more of it. `;
  const count = Math.ceil((Math.min(scene.number(1), 2048) * 1024 * 1024) / piece.length);
  if (!scene.request.stream) {
    say(scene, piece.repeat(Math.min(count, 2048)));
    return scene.answer();
  }
  say(scene, piece, [piece]);
  const usage = { ...scene.composition.usage, output: tokensOf(count * piece.length) };
  scene.change({ usage });
  const events = scene.events();
  // The piece is the longest of the events; the others frame it once.
  const at = events.findIndex((event) => event.includes(piece));
  const frame = chunkOf(events[at] as string);
  await scene.startStream();
  await scene.sendEvents(events.slice(0, at));
  for (let i = 0; i < count; i++) if (!(await scene.wire.write(frame))) return;
  await scene.sendEvents(events.slice(at + 1));
  await scene.endStream();
};

export const bigText: Play = async (scene) => {
  say(scene, "x".repeat(Math.min(scene.number(1), 64) * 1024 * 1024), ["x".repeat(1024 * 1024)]);
  await scene.answer();
};

export const thinking: Play = async (scene) => {
  scene.change({ thinking: `The user says: ${scene.composition.text.slice(0, 80)}` });
  await scene.answer();
};

export const cutByLength: Play = async (scene) => {
  scene.change({ stopReason: "length" });
  await scene.answer();
};

export const filtered: Play = async (scene) => {
  scene.change({ stopReason: "content-filter" });
  await scene.answer();
};

/** Fails N times for the same request and then answers, again and again, whatever connection it comes on. */
export const failThenOk: Play = async (scene) => {
  const id = `${scene.request.model}:${fingerprint(scene.request.body)}`;
  const failed = scene.state.failures.get(id) ?? 0;
  if (failed >= scene.number(1)) {
    scene.state.failures.delete(id);
    return scene.answer();
  }
  // Requests that are never tried again must not fill the memory.
  if (scene.state.failures.size > 10_000) scene.state.failures.clear();
  scene.state.failures.set(id, failed + 1);
  await scene.refuse(500, "server-error", `Failure ${failed + 1} of ${scene.number(1)}.`);
};

export const reusableOnce: Play = async (scene) => {
  scene.wire.breakOnInput = true;
  await scene.answer();
};

/** Headers that tell of an account and must not reach the caller. */
export const leakyHeaders: Play = (scene) =>
  scene.plain(scene.bodyBytes(), 200, [
    ["content-type", "application/json"],
    ["set-cookie", "__cf_bm=secret; path=/; HttpOnly"],
    ["openai-organization", "org-demo"],
    ["openai-project", "proj_demo"],
    ["anthropic-organization-id", "org-demo"],
    ["x-ratelimit-limit-requests", "1000"],
    ["x-ratelimit-remaining-requests", "999"],
    ["x-ratelimit-reset-requests", "60ms"],
    ["x-request-id", "req_demo"],
  ]);

/** Without a length: the body lasts until the connection closes. */
export const untilClose: Play = async (scene) => {
  scene.closing = true;
  const type = scene.request.stream ? "text/event-stream" : "application/json";
  await scene.wire.write(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\nconnection: close\r\n\r\n`);
  await scene.wire.write(scene.request.stream ? scene.events().join("") : scene.bodyBytes());
};

export const http10: Play = async (scene) => {
  scene.closing = true;
  const body = scene.bodyBytes();
  await scene.wire.write(`HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n`);
  await scene.wire.write(body);
};

/** Interim answers before the real one. */
export const interim: Play = async (scene) => {
  await scene.wire.write("HTTP/1.1 100 Continue\r\n\r\n");
  await scene.wire.write("HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n");
  await scene.wire.write("HTTP/1.1 102 Processing\r\n\r\n");
  await scene.answer();
};

/** A whole answer, every byte of it written by itself. */
export const splitBytes: Play = async (scene) => {
  const { stream } = scene.request;
  const bytes = stream
    ? Buffer.concat([
        headOf(200, [["content-type", "text/event-stream"]], null),
        ...scene.events().map(chunkOf),
        Buffer.from("0\r\n\r\n"),
      ])
    : Buffer.concat([headOf(200, [["content-type", "application/json"]], scene.bodyBytes().length), scene.bodyBytes()]);
  for (let i = 0; i < bytes.length; i++) {
    if (!(await scene.wire.write(bytes.subarray(i, i + 1)))) return;
    // A turn of the loop between the bytes, else the kernel puts them together again.
    await new Promise((resolve) => setImmediate(resolve));
  }
};
