// Puts the pieces of streamed tool calls in order: servers differ in what they repeat, leave out and number.
import type { ChatEvent } from "../../core/events.ts";
import { isObject, type JsonObject } from "../read.ts";
import { argumentsToText } from "../tool-arguments.ts";

interface Call {
  /** Our number of it, counted from 0. */
  readonly index: number;
  id: string;
  name: string;
  /** Arguments that came before the name did. */
  early: string;
  started: boolean;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The tool calls of one choice. */
export class ToolCallDeltas {
  readonly #choice: number;
  readonly #calls: Call[] = [];
  /** The call that a number of the server's stands for now. */
  readonly #numbered = new Map<unknown, Call>();

  constructor(choice: number) {
    this.#choice = choice;
  }

  get count(): number {
    return this.#calls.length;
  }

  /** Takes one element of `delta.tool_calls`. */
  push(value: JsonObject, events: ChatEvent[]): void {
    const body = value["function"] ?? value["custom"];
    const fields = isObject(body) ? body : {};
    const call = this.#find(value);
    const name = text(fields["name"]);
    if (!call.started && name !== "") this.#start(call, name, events);
    const input = fields["arguments"] ?? fields["input"];
    // A careless server sends an object.
    const piece = typeof input === "string" ? input : isObject(input) ? argumentsToText(input) : "";
    if (call.started) this.#delta(call, piece, events);
    else call.early += piece;
  }

  /** At the end of the choice: tells the calls that never got a name. */
  finish(events: ChatEvent[]): void {
    for (const call of this.#calls) if (!call.started) this.#start(call, "", events);
  }

  /**
   * The call that a piece belongs to. A new id under a known number is a new call (servers that number all calls 0);
   * without a number, an id begins a call and a piece without one goes to the last.
   */
  #find(value: JsonObject): Call {
    const id = text(value["id"]);
    const number = value["index"];
    const known = typeof number === "number" ? this.#numbered.get(number) : this.#unnumbered(id);
    if (known !== undefined && (id === "" || known.id === "" || known.id === id)) {
      if (known.id === "") known.id = id;
      return known;
    }
    const call: Call = { index: this.#calls.length, id, name: "", early: "", started: false };
    this.#calls.push(call);
    if (typeof number === "number") this.#numbered.set(number, call);
    return call;
  }

  #unnumbered(id: string): Call | undefined {
    return id === "" ? this.#calls.at(-1) : this.#calls.find((call) => call.id === id);
  }

  #start(call: Call, name: string, events: ChatEvent[]): void {
    call.started = true;
    call.name = name;
    const id = call.id === "" ? `call_${call.index}` : call.id;
    // The id that the call was told by stays the one a later piece is compared with only if the server named it.
    events.push({ type: "tool-call-start", choice: this.#choice, index: call.index, id, name });
    this.#delta(call, call.early, events);
    call.early = "";
  }

  #delta(call: Call, piece: string, events: ChatEvent[]): void {
    if (piece === "") return;
    events.push({ type: "tool-call-delta", choice: this.#choice, index: call.index, arguments: piece });
  }
}
