// Behaviours that break the connection, fall silent, or do not keep to what their own head says.
import { type Headers, headOf, type Play, type Scene } from "./scene.ts";

const JSON_HEADERS: Headers = [["content-type", "application/json"]];

/** All bytes of the plain answer, head first. */
function plainBytes(scene: Scene): { readonly head: Buffer; readonly body: Buffer } {
  const body = scene.bodyBytes();
  return { head: headOf(200, JSON_HEADERS, body.length), body };
}

export const cutBeforeHead: Play = async (scene) => scene.wire.reset();

export const cutInHead: Play = async (scene) => {
  await scene.wire.write("HTTP/1.1 200 OK\r\ncontent-ty");
  await flushed(scene);
  scene.wire.reset();
};

export const cutInBody: Play = async (scene) => {
  await halfAnswer(scene);
  await flushed(scene);
  scene.wire.reset();
};

/** Half of the answer: of its body, or of its events. */
async function halfAnswer(scene: Scene): Promise<void> {
  if (scene.request.stream) {
    await scene.startStream();
    await scene.sendEvents(halfEvents(scene));
    return;
  }
  const { head, body } = plainBytes(scene);
  await scene.wire.write(Buffer.concat([head, body.subarray(0, body.length >> 1)]));
}

/** The events up to the middle, at least one of them content. */
export function halfEvents(scene: Scene): string[] {
  const events = scene.events();
  return events.slice(0, Math.max(scene.form.prefaces + 1, events.length >> 1));
}

/** A reset would overtake bytes that still wait in a buffer. */
async function flushed(scene: Scene): Promise<void> {
  await scene.wire.sleep(20);
}

/** A stream that ends in the midst of an event, in order as far as the connection goes. */
export const breakMidStream: Play = async (scene) => {
  if (!scene.request.stream) return cutInBody(scene);
  await scene.startStream();
  const events = halfEvents(scene);
  await scene.sendEvents([...events.slice(0, -1), (events.at(-1) as string).slice(0, 40)]);
  await flushed(scene);
  scene.wire.reset();
};

/** The connection is closed in order, but before the end: no last chunk, less than the length. */
export const closeMidBody: Play = async (scene) => {
  await halfAnswer(scene);
  scene.wire.end();
};

export const stallBeforeHead: Play = (scene) => scene.wire.stall();

export const stallInHead: Play = async (scene) => {
  await scene.wire.write("HTTP/1.1 200 OK\r\ncontent-ty");
  await scene.wire.stall();
};

export const stallAfterHead: Play = async (scene) => {
  if (scene.request.stream) await scene.startStream();
  else await scene.wire.write(plainBytes(scene).head);
  await scene.wire.stall();
};

/** Everything before the first content of a stream, then silence. */
export const stallBeforeContent: Play = async (scene) => {
  if (!scene.request.stream) return stallAfterHead(scene);
  await scene.startStream();
  await scene.sendEvents(scene.events().slice(0, scene.form.prefaces));
  await scene.wire.stall();
};

export const stallMidStream: Play = async (scene) => {
  await halfAnswer(scene);
  await scene.wire.stall();
};

/** One byte a second. */
export const drip: Play = async (scene) => {
  const { head, body } = plainBytes(scene);
  const bytes = Buffer.concat([head, body]);
  for (let i = 0; i < bytes.length; i++) {
    if (!(await scene.wire.write(bytes.subarray(i, i + 1)))) return;
    if (!(await scene.wire.sleep(1000))) return;
  }
};

/** The length is larger than the body, and then the connection is closed. */
export const wrongLength: Play = async (scene) => {
  const { body } = plainBytes(scene);
  await scene.wire.write(Buffer.concat([headOf(200, JSON_HEADERS, body.length + 10), body]));
  scene.wire.end();
};

/** The length is smaller than the body: what is left over looks like another answer. */
export const shortLength: Play = async (scene) => {
  const { body } = plainBytes(scene);
  await scene.wire.write(Buffer.concat([headOf(200, JSON_HEADERS, body.length - 10), body]));
};

export const bytesAfterBody: Play = async (scene) => {
  const { head, body } = plainBytes(scene);
  await scene.wire.write(Buffer.concat([head, body, Buffer.from("garbage behind the body")]));
};

/** A second whole answer that nobody asked for. */
export const twoAnswers: Play = async (scene) => {
  const { head, body } = plainBytes(scene);
  const second = Buffer.from(JSON.stringify({ error: { message: "an answer for somebody else" } }));
  await scene.wire.write(Buffer.concat([head, body, headOf(200, JSON_HEADERS, second.length), second]));
};

export const bothFramings: Play = async (scene) => {
  const { body } = plainBytes(scene);
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n`;
  await scene.wire.write(`${head}transfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`);
  await scene.wire.write(Buffer.concat([body, Buffer.from("\r\n0\r\n\r\n")]));
};

export const badChunk: Play = async (scene) => {
  await scene.wire.write(headOf(200, JSON_HEADERS, null));
  await scene.wire.write("zz\r\n{}\r\n0\r\n\r\n");
};

export const hugeHead: Play = async (scene) => {
  await scene.wire.write(`HTTP/1.1 200 OK\r\nx-filler: ${"a".repeat(1024 * 1024)}\r\n`);
  await scene.wire.write(Buffer.concat([Buffer.from("content-length: 2\r\n\r\n"), Buffer.from("{}")]));
};

export const notHttp: Play = async (scene) => {
  await scene.wire.write("SSH-2.0-OpenSSH_9.6\r\n");
  scene.wire.end();
};
