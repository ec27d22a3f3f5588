// A viewer of the live stream for tests: keeps what came, with the time it came at, and waits for what is to come.
import assert from "node:assert/strict";
import type { LiveRequest } from "../../src/core/live.ts";

export interface SeenEvent {
  readonly id: number;
  readonly type: string;
  readonly data: { readonly request: LiveRequest } & Record<string, unknown>;
  /** performance.now() when it came. */
  readonly at: number;
}

export class TestViewer {
  readonly events: SeenEvent[] = [];
  /** Of the stream as it began. */
  firstId = 0;
  ended = false;
  readonly #abort = new AbortController();

  static async open(url: string, query = "", headers: Readonly<Record<string, string>> = {}): Promise<TestViewer> {
    const viewer = new TestViewer();
    const answer = await fetch(`${url}/api/events?${query}`, { headers, signal: viewer.#abort.signal });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("content-type"), "text/event-stream");
    void viewer.#read(answer.body as ReadableStream<Uint8Array>);
    await viewer.until(() => viewer.firstId > 0);
    return viewer;
  }

  /** The events of one request, by how it ended: the one whose model was asked for so. */
  of(model: string): SeenEvent[] {
    return this.events.filter(({ data }) => data.request?.requested_model === model);
  }

  async until(condition: () => boolean, ms = 8000): Promise<void> {
    const end = performance.now() + ms;
    while (!condition()) {
      assert.ok(performance.now() < end, `it did not come: ${JSON.stringify(this.events.map(({ type }) => type))}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    try {
      for await (const bytes of body) {
        text += decoder.decode(bytes, { stream: true });
        const frames = text.split("\n\n");
        text = frames.pop() as string;
        for (const frame of frames) this.#take(frame);
      }
    } catch {
      // closed by the test, or by the gateway
    }
    this.ended = true;
  }

  #take(frame: string): void {
    const lines = new Map(frame.split("\n").map((line) => line.split(/: (.*)/s) as [string, string]));
    const id = Number(lines.get("id") ?? 0);
    const type = lines.get("event");
    if (type === undefined) this.firstId ||= id;
    else this.events.push({ id, type, data: JSON.parse(lines.get("data") ?? "null"), at: performance.now() });
  }
}
