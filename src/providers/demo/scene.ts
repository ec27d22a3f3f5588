// One request being answered: what a behaviour has to hand, and the ways to send an answer or a part of one.
import { statusLine } from "../../lib/http1/write.ts";
import { anthropicForm } from "./anthropic-form.ts";
import { type Composition, compose } from "./compose.ts";
import type { DemoForm, RefusalKind, ToldUsage } from "./form.ts";
import { openaiForm } from "./openai-form.ts";
import type { DemoRequest, DemoState } from "./options.ts";
import { textForm } from "./text-form.ts";
import type { Wire } from "./wire.ts";

export type Headers = readonly (readonly [name: string, value: string])[];

const JSON_TYPE = ["content-type", "application/json"] as const;
const EVENT_TYPE = ["content-type", "text/event-stream; charset=utf-8"] as const;
const LAST_CHUNK = "0\r\n\r\n";

/** A head's bytes. `length` in bytes, or null for a chunked body. */
export function headOf(status: number, headers: Headers, length: number | null): Buffer {
  const framing = length === null ? "transfer-encoding: chunked" : `content-length: ${length}`;
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.from(`${statusLine(status)}${lines}${framing}\r\n\r\n`, "latin1");
}

export function chunkOf(bytes: Buffer | string): Buffer {
  const buffer = Buffer.from(bytes as string, "utf8");
  return Buffer.concat([Buffer.from(`${buffer.length.toString(16)}\r\n`), buffer, Buffer.from("\r\n")]);
}

function formOf(request: DemoRequest): DemoForm {
  if (request.operation === "completions") return textForm;
  return request.dialect === "anthropic" ? anthropicForm : openaiForm;
}

/** What a behaviour plays with. */
export class Scene {
  readonly request: DemoRequest;
  readonly wire: Wire;
  readonly state: DemoState;
  readonly form: DemoForm;
  /** What the behaviour's pattern matched in its name. */
  readonly parts: readonly string[];
  /** The connection ends behind this answer. */
  closing = false;
  private composed: Composition | null = null;

  constructor(request: DemoRequest, wire: Wire, state: DemoState, parts: readonly string[]) {
    this.request = request;
    this.wire = wire;
    this.state = state;
    this.parts = parts;
    this.form = formOf(request);
  }

  /** The number in the behaviour's name. */
  number(part: number): number {
    return Number(this.parts[part] ?? 0);
  }

  get composition(): Composition {
    this.composed ??= compose(this.request.model, this.request.json ?? {});
    return this.composed;
  }

  /** Puts changes over the answer before it is sent. */
  change(changes: Partial<Composition>): void {
    this.composed = { ...this.composition, ...changes };
  }

  /** The whole answer as JSON bytes. */
  bodyBytes(usage: ToldUsage = this.form.usage(this.composition)): Buffer {
    return Buffer.from(JSON.stringify(this.form.body(this.composition, usage)));
  }

  /** The stream's events, the end marker last. */
  events(usage: ToldUsage = this.form.usage(this.composition)): string[] {
    return [...this.form.events(this.composition, usage), this.form.end];
  }

  /** Whole answer or stream, as the request asks. */
  async answer(usage?: ToldUsage): Promise<void> {
    if (this.request.stream) await this.stream(this.events(usage));
    else await this.plain(this.bodyBytes(usage));
  }

  async plain(body: Buffer, status = 200, headers: Headers = [JSON_TYPE]): Promise<void> {
    await this.wire.write(Buffer.concat([headOf(status, headers, body.length), body]));
  }

  /** Head and all events, each in a write of its own, with a pause before each but the first. */
  async stream(events: readonly string[], pause = 0): Promise<void> {
    await this.startStream();
    await this.sendEvents(events, pause);
    await this.endStream();
  }

  async startStream(headers: Headers = [EVENT_TYPE]): Promise<boolean> {
    return this.wire.write(headOf(200, headers, null));
  }

  async sendEvents(events: readonly string[], pause = 0): Promise<boolean> {
    for (const [i, text] of events.entries()) {
      if (i > 0 && pause > 0 && !(await this.wire.sleep(pause))) return false;
      if (!(await this.wire.write(chunkOf(text)))) return false;
    }
    return !this.wire.gone;
  }

  async endStream(): Promise<boolean> {
    return this.wire.write(LAST_CHUNK);
  }

  async refuse(status: number, kind: RefusalKind, detail = "", headers: Headers = []): Promise<void> {
    await this.plain(Buffer.from(JSON.stringify(this.form.refusal(kind, detail))), status, [JSON_TYPE, ...headers]);
  }
}

/** A behaviour: answers the request of the scene, or does what its name says instead. */
export type Play = (scene: Scene) => Promise<void>;
