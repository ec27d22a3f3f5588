// A light provider for the bench: reads a request's length, answers with ready bytes. `node mock-upstream.ts PORT`.
import net from "node:net";
import { answer, events } from "./shapes.ts";

const plain = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nopenai-processing-ms: 1\r\ncontent-length: ${Buffer.byteLength(answer)}\r\n\r\n${answer}`,
);
const head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";
const frame = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
/** Four writes a stream, as a provider's server would bring several events a packet. */
const quarters = [0, 1, 2, 3].map((q) =>
  Buffer.from(
    (q === 0 ? head : "") +
      events
        .slice(q * 6, q * 6 + 6)
        .map(frame)
        .join("") +
      (q === 3 ? "0\r\n\r\n" : ""),
  ),
);
const single = events.map((event, i) =>
  Buffer.from((i === 0 ? head : "") + frame(event) + (i === events.length - 1 ? "0\r\n\r\n" : "")),
);

/** Streams of requests that name this model bring one event each 20 ms. */
const PACED = Buffer.from('"paced"');

function pace(socket: net.Socket): void {
  let i = 0;
  const timer = setInterval(() => {
    socket.write(single[i++] as Buffer);
    if (i === single.length) clearInterval(timer);
  }, 20);
  socket.once("close", () => clearInterval(timer));
}

function reply(socket: net.Socket, body: Buffer): void {
  if (!body.includes('"stream":true')) socket.write(plain);
  else if (body.includes(PACED)) pace(socket);
  else for (const part of quarters) socket.write(part);
}

net
  .createServer({ noDelay: true }, (socket) => {
    let pending: Buffer[] = [];
    let have = 0;
    let need = -1;
    let start = 0;
    socket.on("error", () => {});
    socket.on("data", (data: Buffer) => {
      pending.push(data);
      have += data.length;
      if (need < 0) {
        const all = pending.length === 1 ? data : Buffer.concat(pending);
        pending = [all];
        const end = all.indexOf("\r\n\r\n");
        if (end < 0) return;
        const length = /content-length: *(\d+)/i.exec(all.toString("latin1", 0, end));
        start = end + 4;
        need = start + Number(length?.[1] ?? 0);
      }
      if (have < need) return;
      // Only the beginning and the end are looked at: bodies are long, and the interesting fields stand there.
      const first = pending[0] as Buffer;
      const last = pending.at(-1) as Buffer;
      const body =
        pending.length === 1
          ? first.subarray(start)
          : Buffer.concat([first.subarray(start, start + 200), last.subarray(-300)]);
      pending = [];
      have = 0;
      need = -1;
      reply(socket, body.length > 2000 ? Buffer.concat([body.subarray(0, 200), body.subarray(-300)]) : body);
    });
  })
  .listen(Number(process.argv[2]), "127.0.0.1", 4096);
