// Reads server-sent events from the bytes of an answer, however they were cut.

export interface SseEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
}

/** Takes text piece by piece and gives out whole events. */
export class SseReader {
  #rest = "";
  #lastId = "";

  /** The events that end in this piece. */
  push(text: string): SseEvent[] {
    const frames = (this.#rest + text).replaceAll("\r\n", "\n").split("\n\n");
    this.#rest = frames.pop() ?? "";
    return frames.flatMap((frame) => this.#event(frame) ?? []);
  }

  #event(frame: string): SseEvent | null {
    let type = "message";
    const data: string[] = [];
    for (const line of frame.split("\n")) {
      const colon = line.indexOf(":");
      if (colon === 0) continue;
      const name = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (name === "event") type = value;
      else if (name === "data") data.push(value);
      else if (name === "id") this.#lastId = value;
    }
    return data.length === 0 ? null : { id: this.#lastId, type, data: data.join("\n") };
  }
}
