// Encodes canonical events as an OpenAI chat stream.
import type { ChatEvent } from "../../core/events.ts";
import type { AnswerContext, StreamEncoder } from "../../core/formats.ts";
import { emptyUsage, type Usage } from "../../core/usage.ts";
import { markSignature } from "../signatures.ts";
import { encodeStopReason } from "./stop-reasons.ts";
import { encodeUsage } from "./usage.ts";

/** What the end of a stream is made of. */
export interface Ending {
  readonly context: AnswerContext;
  /** The chunk's JSON up to the value of `choices`. */
  head: string;
  usage: Usage;
  /** Finish chunks, held until the usage is known that rides on the last of them: the JSON of their choices. */
  readonly finishes: string[];
  done: boolean;
}

interface State extends Ending {
  /** Choices that got their role. */
  readonly begun: Set<number>;
  /** Thinking text of the open block of each choice, told again beside its signature. */
  readonly thinking: Map<number, string>;
  /** Number of reasoning blocks told. */
  blocks: number;
}

/** One event. */
export function sse(json: string): string {
  return `data: ${json}\n\n`;
}

/** One chunk with one delta; the first of each choice is the role's. */
function chunk(state: State, choice: number, delta: string): string {
  const first = state.begun.has(choice) ? "" : role(state, choice);
  return `${first}${sse(`${state.head}[{"index":${choice},"delta":${delta},"finish_reason":null}]}`)}`;
}

function role(state: State, choice: number): string {
  state.begun.add(choice);
  const delta = '{"role":"assistant","content":"","refusal":null}';
  return sse(`${state.head}[{"index":${choice},"delta":${delta},"finish_reason":null}]}`);
}

function details(state: State, choice: number, detail: object): string {
  const json = JSON.stringify({ reasoning_details: [{ ...detail, index: state.blocks++ }] });
  return chunk(state, choice, json);
}

/** The chunks that end the stream, and its end marker. */
export function finish(state: Ending): string {
  if (state.done) return "";
  state.done = true;
  const { context, finishes, head } = state;
  // Counts that nobody asked for ride on the finish only where the gateway tells of itself anyway.
  const isTold = context.includeUsage || context.extraFields !== null;
  const usage = isTold ? encodeUsage(state.usage) : null;
  const extra = context.extraFields === null ? "" : `,"extra_fields":${context.extraFields()}`;
  const tail = `${usage === null ? "" : `,"usage":${JSON.stringify(usage)}`}${extra}}`;
  const last = finishes.length - 1;
  const ends = finishes.map((choice, n) =>
    sse(`${head}[${choice}]${n === last && !context.includeUsage ? tail : "}"}`),
  );
  // Without a finish there is nothing to ride on; the caller who asked for usage gets a chunk of its own.
  if (context.includeUsage || (last < 0 && isTold)) ends.push(sse(`${head}[]${tail}`));
  return `${ends.join("")}data: [DONE]\n\n`;
}

type Handlers = {
  readonly [Type in ChatEvent["type"]]: (state: State, event: Extract<ChatEvent, { type: Type }>) => string;
};

const HANDLERS: Handlers = {
  "response-start": (state, event) => {
    const head = { id: event.id, object: "chat.completion.chunk", created: event.created, model: state.context.model };
    state.head = `${JSON.stringify(head).slice(0, -1)},"choices":`;
    if (event.usage !== undefined) state.usage = event.usage;
    return role(state, 0);
  },
  "text-delta": (state, event) => chunk(state, event.choice, `{"content":${JSON.stringify(event.text)}}`),
  "refusal-delta": (state, event) => chunk(state, event.choice, `{"refusal":${JSON.stringify(event.text)}}`),
  "thinking-delta": (state, event) => {
    state.thinking.set(event.choice, (state.thinking.get(event.choice) ?? "") + event.text);
    return chunk(state, event.choice, `{"reasoning_content":${JSON.stringify(event.text)}}`);
  },
  "thinking-signature": (state, event) => {
    const text = state.thinking.get(event.choice) ?? "";
    state.thinking.delete(event.choice);
    if (event.signature === "") return "";
    const signature = markSignature(event.signature, event.issuer);
    return details(state, event.choice, { type: "reasoning.text", text, signature });
  },
  "redacted-thinking": (state, event) =>
    details(state, event.choice, { type: "reasoning.encrypted", data: markSignature(event.data, event.issuer) }),
  "tool-call-start": (state, event) => {
    const call = { index: event.index, id: event.id, type: "function", function: { name: event.name, arguments: "" } };
    return chunk(state, event.choice, JSON.stringify({ tool_calls: [call] }));
  },
  "tool-call-delta": (state, event) => {
    const call = `{"index":${event.index},"function":{"arguments":${JSON.stringify(event.arguments)}}}`;
    return chunk(state, event.choice, `{"tool_calls":[${call}]}`);
  },
  "choice-end": (state, event) => {
    state.finishes.push(`{"index":${event.choice},"delta":{},"finish_reason":"${encodeStopReason(event.stopReason)}"}`);
    return state.begun.has(event.choice) ? "" : role(state, event.choice);
  },
  usage: (state, event) => {
    state.usage = event.usage;
    return "";
  },
  "response-end": finish,
};

export function streamEncoder(context: AnswerContext): StreamEncoder {
  const head = `{"id":"","object":"chat.completion.chunk","created":0,"model":${JSON.stringify(context.model)},"choices":`;
  const state: State = {
    context,
    head,
    usage: emptyUsage(),
    begun: new Set(),
    finishes: [],
    thinking: new Map(),
    blocks: 0,
    done: false,
  };
  return {
    encode(event) {
      const handle = HANDLERS[event.type] as (state: State, event: ChatEvent) => string;
      return handle(state, event);
    },
  };
}
