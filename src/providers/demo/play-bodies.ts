// Behaviours whose answer is whole as HTTP goes but wrong, strange or packed inside.
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { type Play, type Scene } from "./scene.ts";

const text = (body: string): Buffer => Buffer.from(body);

export const truncatedJson: Play = (scene) => {
  const body = scene.bodyBytes();
  return scene.plain(body.subarray(0, body.length - 20));
};

export const invalidJson: Play = (scene) => scene.plain(text('{"id": "demo", "choices": [,]}'));

export const emptyBody: Play = (scene) => scene.plain(Buffer.alloc(0));

export const jsonList: Play = (scene) => scene.plain(text("[]"));

export const htmlError: Play = (scene) =>
  scene.plain(text("<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"), 502, [
    ["content-type", "text/html"],
  ]);

export const html200: Play = (scene) =>
  scene.plain(text("<!doctype html><html><body>Sign in to the hotel's network</body></html>"), 200, [
    ["content-type", "text/html; charset=utf-8"],
  ]);

/** A status of success around an error. */
export const errorIn200: Play = (scene) =>
  scene.plain(text(JSON.stringify(scene.form.refusal("server-error", "The model crashed."))));

export const noChoices: Play = (scene) => {
  const body = scene.form.body(scene.composition, scene.form.usage(scene.composition));
  if (scene.request.dialect === "anthropic") delete body["content"];
  else body["choices"] = [];
  return scene.plain(text(JSON.stringify(body)));
};

export const invalidUtf8: Play = (scene) => {
  const body = scene.bodyBytes();
  const at = body.indexOf("You said") + 2;
  const broken = Buffer.from(body);
  broken[Math.max(at, 1)] = 0xff;
  return scene.plain(broken);
};

/** To an address that must never be reached. */
export const redirect: Play = (scene) =>
  scene.plain(Buffer.alloc(0), 307, [["location", "http://169.254.169.254/latest/meta-data/"]]);

function packed(scene: Scene, coding: string, pack: (bytes: Buffer) => Buffer): Promise<void> {
  const stream = scene.request.stream;
  const body = pack(stream ? text(scene.events().join("")) : scene.bodyBytes());
  const type = stream ? "text/event-stream" : "application/json";
  return scene.plain(body, 200, [
    ["content-type", type],
    ["content-encoding", coding],
  ]);
}

export const gzip: Play = (scene) => packed(scene, "gzip", (bytes) => gzipSync(bytes));
export const brotli: Play = (scene) => packed(scene, "br", (bytes) => brotliCompressSync(bytes));
export const deflate: Play = (scene) => packed(scene, "deflate", (bytes) => deflateSync(bytes));
export const zstd: Play = (scene) => packed(scene, "zstd", (bytes) => zstdCompressSync(bytes));
export const unknownCoding: Play = (scene) => packed(scene, "rot13", (bytes) => bytes);
export const brokenGzip: Play = (scene) =>
  packed(scene, "gzip", (bytes) => {
    const whole = gzipSync(bytes);
    return whole.subarray(0, whole.length - 12);
  });

/** 500 members of 1 MB each, 0.5 MB on the wire: concatenated members are one valid gzip body. */
export const bomb: Play = (scene) =>
  packed(scene, "gzip", () => {
    const member = gzipSync(Buffer.alloc(1024 * 1024, 0x20));
    return Buffer.concat(Array.from({ length: 500 }, () => member));
  });

function usageOf(scene: Scene, count: unknown): Record<string, unknown> {
  const told = scene.form.usage(scene.composition) ?? {};
  return Object.fromEntries(Object.keys(told).map((name) => [name, count]));
}

export const hugeUsage: Play = (scene) => scene.answer(usageOf(scene, 9_007_199_254_740_991));
export const negativeUsage: Play = (scene) => scene.answer(usageOf(scene, -5));
export const textUsage: Play = (scene) => scene.answer(usageOf(scene, "many"));
export const noUsage: Play = (scene) => scene.answer(null);
