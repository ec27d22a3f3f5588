// Bursts of clients against a gateway, and an upstream that keeps its own account of what each of its answers is worth.
import http from "node:http";
import type { AddressInfo } from "node:net";
import { call } from "./admin-calls.ts";

/** Nano-dollars of a token of gpt-4o, as published. */
const INPUT = 2500n;
const OUTPUT = 10_000n;
/** What an answer uses, unless it is played otherwise: less than what is estimated of the request before anything was learned. */
const PROMPT = 80;
const COMPLETION = 20;
/** Of each request; an estimate of its answer is never more. */
export const MAX_TOKENS = 30;
/** What one answer costs. Nano-dollars. */
export const COST: bigint = worth(PROMPT, COMPLETION);
/** An upper bound of what one request is estimated at: its bytes as tokens, and its whole output. */
export const DEAREST: bigint = worth(600, MAX_TOKENS);

/** The price of a usage. Nano-dollars. */
export function worth(prompt: number, completion: number): bigint {
  return INPUT * BigInt(prompt) + OUTPUT * BigInt(completion);
}

/** How the upstream answers one request. */
export interface Play {
  /** ms until it answers; of a stream between its events. */
  readonly delay?: number;
  /** Default 200; anything else is a failure without usage. */
  readonly status?: number;
  readonly prompt?: number;
  readonly completion?: number;
  /** The usage is not told. */
  readonly isSilent?: boolean;
  /** A stream goes no further than so many words, until its client leaves. */
  readonly hangsAfter?: number;
}

/** A request as the upstream saw it. */
export interface Seen {
  readonly path: string;
  readonly body: string;
  readonly model: string;
  readonly stream: boolean;
  /** What the client said of itself. */
  readonly user: string;
  readonly index: number;
}

export interface PaidUpstream {
  /** A provider's base URL; whatever stands behind it is the path of what was seen. */
  readonly url: string;
  /** What was answered with success, and paid for. */
  paid: number;
  /** Nano-dollars. */
  worth: bigint;
  calls: number;
  /** Answered at this moment, and the most there ever were. */
  inFlight: number;
  most: number;
  play: (seen: Seen) => Play;
  readonly headers: Record<string, string>;
  /** As if nothing had been asked yet. */
  reset(play?: (seen: Seen) => Play): void;
  close(): Promise<void>;
}

const USUAL: Play = { delay: 20 };
const WORDS = ["paid ", "for, ", "word ", "by ", "word"];

export async function startPaidUpstream(): Promise<PaidUpstream> {
  const state = {
    paid: 0,
    worth: 0n,
    calls: 0,
    inFlight: 0,
    most: 0,
    play: (_seen: Seen): Play => USUAL,
    headers: {} as Record<string, string>,
  };
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("error", () => {});
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts).toString();
      const { model, stream = false, user = "" } = JSON.parse(body) as Partial<Seen>;
      const seen = { path: request.url ?? "", body, model: model ?? "", stream, user, index: state.calls++ };
      state.inFlight++;
      state.most = Math.max(state.most, state.inFlight);
      response.once("close", () => state.inFlight--);
      const play = { ...USUAL, ...state.play(seen) };
      if (stream && (play.status ?? 200) === 200) return tellStream(response, seen, play);
      setTimeout(() => tell(response, play), play.delay);
    });
  });
  const pay = (amount: bigint): void => {
    state.paid++;
    state.worth += amount;
  };
  const tell = (response: http.ServerResponse, play: Play): void => {
    if (response.destroyed) return;
    const { status = 200, prompt = PROMPT, completion = COMPLETION } = play;
    const head = { "content-type": "application/json", ...state.headers };
    if (status !== 200) {
      const error = { message: "played failure", type: "server_error" };
      return void response.writeHead(status, head).end(JSON.stringify({ error }));
    }
    pay(worth(prompt, completion));
    response.writeHead(200, head).end(JSON.stringify(answerOf(prompt, completion, play.isSilent === true)));
  };
  /** A client that leaves pays for what it was sent, and for its input by the documented count: a quarter of a token a byte. */
  const tellStream = (response: http.ServerResponse, { body }: Seen, play: Play): void => {
    const { delay = 0, prompt = PROMPT, completion = COMPLETION, isSilent = false, hangsAfter = WORDS.length } = play;
    let sent = 0;
    let isPaid = false;
    const counted = (): bigint => (sent === 0 ? 0n : worth(Math.ceil(body.length / 4), Math.ceil(sent / 4)));
    const payOnce = (amount: bigint): void => {
      if (!isPaid) pay(amount);
      isPaid = true;
    };
    response.once("close", () => payOnce(counted()));
    response.writeHead(200, { "content-type": "text/event-stream", ...state.headers });
    const next = (at: number): void => {
      if (response.destroyed || (at === hangsAfter && at < WORDS.length)) return;
      const word = WORDS[at];
      if (word !== undefined) {
        response.write(event({ choices: [{ index: 0, delta: { content: word }, finish_reason: null }] }));
        sent += word.length;
        return void setTimeout(() => next(at + 1), delay);
      }
      payOnce(isSilent ? counted() : worth(prompt, completion));
      response.write(event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }));
      if (!isSilent) response.write(event({ choices: [], usage: usageOf(prompt, completion) }));
      response.end("data: [DONE]\n\n");
    };
    setTimeout(() => next(0), delay);
  };
  await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1", backlog: 2048 }, resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}`,
    reset: (play: (seen: Seen) => Play = () => USUAL) =>
      void Object.assign(state, { paid: 0, worth: 0n, calls: 0, most: state.inFlight, play }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

function event(more: object): string {
  return `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", ...more })}\n\n`;
}

function usageOf(prompt: number, completion: number): object {
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}

function answerOf(prompt: number, completion: number, isSilent: boolean): object {
  const message = { role: "assistant", content: WORDS.join("") };
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, message, finish_reason: "stop" }],
    ...(isSilent ? {} : { usage: usageOf(prompt, completion) }),
  };
}

export interface Asked {
  /** 0: the client left, or had no answer. */
  readonly status: number;
  readonly text: string;
  readonly headers: http.IncomingHttpHeaders;
  /** Until it was answered. */
  readonly ms: number;
}

export interface AskOptions {
  /** Plain where a left stream is to be counted: its input is what the client sent. */
  readonly model?: string;
  readonly fallbacks?: readonly string[];
  readonly stream?: boolean;
  readonly maxTokens?: number | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** ms after which the client leaves. */
  readonly leaveAfter?: number;
  /** The client leaves when this text has come. */
  readonly leaveAt?: string;
  readonly user?: string;
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 2000, maxFreeSockets: 2000 });

/** Ends the connections of all clients, so that the test's process can end. */
export function closeClients(): void {
  agent.destroy();
}

/** One chat. Never rejects. */
export function askOnce(url: string, key: string | null, options: AskOptions = {}): Promise<Asked> {
  const {
    model = "openai/gpt-4o",
    fallbacks,
    stream = false,
    maxTokens = MAX_TOKENS,
    leaveAfter,
    leaveAt,
    user,
  } = options;
  const content = "what does this cost? ".repeat(16);
  const body = JSON.stringify({
    model,
    ...(fallbacks === undefined ? {} : { fallbacks }),
    ...(user === undefined ? {} : { user }),
    ...(maxTokens === null ? {} : { max_tokens: maxTokens }),
    ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
    messages: [{ role: "user", content }],
  });
  const began = performance.now();
  return new Promise((resolve) => {
    const end = (status: number, text: string, headers: http.IncomingHttpHeaders = {}): void =>
      resolve({ status, text, headers, ms: performance.now() - began });
    const request = http.request(`${url}/v1/chat/completions`, {
      method: "POST",
      agent,
      headers: {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...options.headers,
      },
    });
    request.once("error", (error) => end(0, String(error)));
    request.once("response", (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => {
        parts.push(part);
        if (leaveAt !== undefined && Buffer.concat(parts).includes(leaveAt)) request.destroy();
      });
      response.once("error", (error) => end(0, String(error)));
      response.once("end", () => end(response.statusCode ?? 0, Buffer.concat(parts).toString(), response.headers));
    });
    request.end(body);
    if (leaveAfter !== undefined) setTimeout(() => request.destroy(), leaveAfter);
  });
}

/** All at once. */
export function askMany(count: number, ask: (index: number) => Promise<Asked>): Promise<readonly Asked[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => ask(index)));
}

/** How often each status came. */
export function statusesOf(asked: readonly Asked[]): Readonly<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const { status } of asked) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** A budget or limit, as the API tells it. Nano-dollars. */
export interface Shown {
  readonly used: bigint;
  readonly reserved: bigint;
  readonly uncertain: bigint;
  readonly unpriced: number;
}

interface ShownBudget {
  readonly id: string;
  readonly current_usage: number;
  readonly reserved?: number;
  readonly uncertain?: number;
  readonly unpriced_requests?: number;
}

/** Budgets of whoever has this path in the management API, by id. */
export async function budgetsAt(url: string, path: string): Promise<ReadonlyMap<string, Shown>> {
  const { json } = await call(url, "GET", `/api/governance/${path}`);
  const found = new Map<string, Shown>();
  JSON.stringify(json, (key, value: unknown) => {
    if (key === "budgets" && Array.isArray(value))
      for (const one of value as ShownBudget[])
        found.set(one.id, {
          used: nano(one.current_usage),
          reserved: nano(one.reserved ?? 0),
          uncertain: nano(one.uncertain ?? 0),
          unpriced: one.unpriced_requests ?? 0,
        });
    return value;
  });
  return found;
}

function nano(dollars: number): bigint {
  return BigInt(Math.round(dollars * 1e9));
}

/** The budget once nothing is reserved of it and it stays the same for a while. */
export async function settledAt(url: string, path: string, id: string, patience = 6000): Promise<Shown> {
  let last = "";
  let since = performance.now();
  for (const end = since + patience; ; ) {
    const shown = (await budgetsAt(url, path)).get(id);
    if (shown === undefined) throw new Error(`there is no budget ${id} at ${path}`);
    const text = `${shown.used} ${shown.reserved} ${shown.uncertain}`;
    if (text !== last) [last, since] = [text, performance.now()];
    else if (shown.reserved === 0n && performance.now() - since > 250) return shown;
    if (performance.now() > end) return shown;
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}
