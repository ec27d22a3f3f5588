// The demo server: speaks HTTP/1.1 over any byte stream and plays what the requests' models are named after.
import type { Duplex } from "node:stream";
import { choosePlay } from "./choose-play.ts";
import { type DemoOptions, type DemoRecord, type DemoRequest, type DemoState, newDemoState } from "./options.ts";
import { MessageReader } from "./read-messages.ts";
import { headOf, Scene } from "./scene.ts";
import { Wire } from "./wire.ts";

const processState = newDemoState();

/** Serves one connection; returns at once. The stream is one end of `duplexPair()`, or a socket in tests. */
export function serveDemo(stream: Duplex, options: DemoOptions = {}): void {
  const connection = new DemoConnection(stream, options);
  connection.run().catch(() => stream.destroy());
}

class DemoConnection {
  private readonly stream: Duplex;
  private readonly options: DemoOptions;
  private readonly state: DemoState;
  private readonly wire: Wire;
  private readonly reader = new MessageReader();
  private readonly number: number;
  private current: DemoRecord | null = null;
  private over = false;
  private wake: () => void = () => {};

  constructor(stream: Duplex, options: DemoOptions) {
    this.stream = stream;
    this.options = options;
    this.state = options.state ?? processState;
    this.number = ++this.state.connections;
    this.wire = new Wire(stream);
    stream.on("data", (bytes: Buffer) => this.onBytes(bytes));
    // Nobody half-closes: an end while an answer is under way means that the caller has gone.
    stream.on("end", () => this.onOver());
    stream.on("close", () => this.onOver());
    stream.on("error", () => this.onOver());
  }

  /** Reads and answers one request after another until the connection is over. */
  async run(): Promise<void> {
    while (!this.over) {
      const reading = this.reader.next();
      if (reading.type === "more") {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      } else if (reading.type === "continue") await this.wire.write(reading.bytes);
      else if (reading.type === "broken") {
        await this.wire.write(headOf(reading.status, [["connection", "close"]], 0));
        return this.wire.end();
      } else if (!(await this.answer(reading.request)) || reading.close) return this.wire.end();
    }
  }

  private onBytes(bytes: Buffer): void {
    if (this.wire.breakOnInput) return this.wire.reset();
    this.reader.push(bytes);
    this.wake();
  }

  private onOver(): void {
    if (this.over) return;
    this.over = true;
    this.wire.lose();
    if (this.current !== null && !this.wire.broken) this.current.abandonedAt = performance.now();
    this.options.onClosed?.(this.current);
    this.wake();
    if (!this.stream.destroyed) this.stream.end();
  }

  /** True: the connection may be used again. */
  private async answer(request: DemoRequest): Promise<boolean> {
    const choice = choosePlay(request, this.options);
    const record: DemoRecord = {
      ...request,
      number: ++this.state.requests,
      connection: this.number,
      behaviour: choice.behaviour,
      receivedAt: performance.now(),
      answered: false,
      abandonedAt: null,
      bytesSent: 0,
    };
    this.current = record;
    this.options.onRequest?.(record);
    const scene = new Scene(request, this.wire, this.state, choice.parts);
    const before = this.wire.bytesSent;
    await choice.play(scene);
    record.bytesSent = this.wire.bytesSent - before;
    record.answered = !this.wire.gone && !this.wire.broken;
    this.current = null;
    return !scene.closing;
  }
}
