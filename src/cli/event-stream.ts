// Reads the live stream of a gateway: events with their ids, until it ends or falls silent.

export interface StreamedEvent {
  readonly id: string | null;
  /** Empty: an id alone. */
  readonly type: string;
  /** As JSON; null without data. */
  readonly data: unknown;
}

/** A gateway gives a sign of life every 15 s: one that is silent for longer is gone, ms. */
const SILENCE = 40_000;

/** The stream was refused. */
export class StreamRefusedError extends Error {
  readonly status: number;
  readonly body: string;
  constructor(status: number, body: string) {
    super(`answered with status ${status}`);
    this.name = "StreamRefusedError";
    this.status = status;
    this.body = body;
  }
}

/** Throws StreamRefusedError for another status than 200, and whatever `fetch` throws. */
export async function* readStream(
  url: string,
  headers: Readonly<Record<string, string>>,
): AsyncGenerator<StreamedEvent> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), SILENCE);
  try {
    const answer = await fetch(url, { headers, signal: silence.signal });
    if (answer.status !== 200 || answer.body === null) throw new StreamRefusedError(answer.status, await answer.text());
    const decoder = new TextDecoder();
    let text = "";
    for await (const bytes of answer.body) {
      timer.refresh();
      text += decoder.decode(bytes as Uint8Array, { stream: true });
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const event = readFrame(text.slice(0, end));
        text = text.slice(end + 2);
        if (event !== null) yield event;
      }
    }
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** Null for a comment. */
export function readFrame(frame: string): StreamedEvent | null {
  let [id, type, data]: [string | null, string, string] = [null, "", ""];
  for (const line of frame.split("\n")) {
    if (line.startsWith("id: ")) id = line.slice(4);
    else if (line.startsWith("event: ")) type = line.slice(7);
    else if (line.startsWith("data: ")) data += line.slice(6);
  }
  return id === null && data === "" ? null : { id, type, data: data === "" ? null : JSON.parse(data) };
}
