// Asks a gateway as a client of either dialect would, and reads whole answers, streams and broken streams alike.
import { randomUUID } from "node:crypto";

export type Dialect = "openai" | "anthropic";

export interface Question {
  readonly dialect?: Dialect;
  /** `provider/model`. */
  readonly model: string;
  readonly stream?: boolean;
  readonly fallbacks?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Further fields of the body, or other messages. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** In place of the dialect's usual one. */
  readonly path?: string;
  readonly signal?: AbortSignal;
}

export interface Reply {
  /** Stands in the question's text and is its x-request-id: finds it again at the provider and in the log. */
  readonly mark: string;
  readonly status: number;
  readonly headers: Headers;
  /** As much as came. */
  readonly text: string;
  /** A JSON answer; {} for a stream. */
  readonly json: Json;
  /** The data of a stream's events, parsed; `[DONE]` as the text. */
  readonly events: readonly (Json | "[DONE]")[];
  /** The connection ended without the end of the body. */
  readonly broken: boolean;
  /** ms until all of it was there. */
  readonly took: number;
}

export type Json = { readonly [name: string]: unknown };

const PATHS = { openai: "/v1/chat/completions", anthropic: "/anthropic/v1/messages" } as const;

export function bodyOf(question: Question, mark: string): Json {
  const { dialect = "openai", model, stream = false, fallbacks, fields = {} } = question;
  return {
    model,
    ...(dialect === "anthropic" ? { max_tokens: 100_000 } : {}),
    messages: [{ role: "user", content: `question ${mark}` }],
    ...(stream ? { stream: true } : {}),
    ...(fallbacks === undefined ? {} : { fallbacks }),
    ...fields,
  };
}

/** Never throws for what a gateway answers; throws when nothing answers at all. */
export async function ask(url: string, question: Question): Promise<Reply> {
  const mark = randomUUID();
  const started = performance.now();
  const answer = await fetch(url + (question.path ?? PATHS[question.dialect ?? "openai"]), {
    method: "POST",
    headers: { "content-type": "application/json", "x-request-id": mark, ...question.headers },
    body: JSON.stringify(bodyOf(question, mark)),
    signal: question.signal ?? AbortSignal.timeout(30_000),
  });
  const { text, broken } = await readAll(answer);
  const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  const { status, headers } = answer;
  return {
    mark,
    status,
    headers,
    text,
    broken,
    json: isStream || broken ? {} : parse(text),
    events: isStream ? parseEvents(text) : [],
    took: performance.now() - started,
  };
}

async function readAll(answer: Response): Promise<{ text: string; broken: boolean }> {
  const parts: Uint8Array[] = [];
  let broken = false;
  try {
    for await (const part of answer.body ?? []) parts.push(part as Uint8Array);
  } catch {
    broken = true;
  }
  return { text: Buffer.concat(parts).toString("utf8"), broken };
}

function parse(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Json) : {};
  } catch {
    return {};
  }
}

/** Strict: an event that is no JSON and no `[DONE]` is an error of the test. */
export function parseEvents(text: string): (Json | "[DONE]")[] {
  return text
    .split(/\r?\n\r?\n/)
    .map((event) => /^data: ?(.*)$/m.exec(event)?.[1]?.trim())
    .filter((data) => data !== undefined)
    .map((data) => (data === "[DONE]" ? data : (JSON.parse(data) as Json)));
}

/** Where text stands in answers and events of both dialects. */
interface Texts {
  readonly choices?: readonly {
    readonly message?: { readonly content?: string | null };
    readonly delta?: { readonly content?: string | null };
  }[];
  readonly content?: readonly { readonly text?: string }[];
  readonly delta?: { readonly text?: string };
}

/** The answer's text, whichever dialect and form it came in. */
export function textOf(reply: Reply): string {
  const places = [reply.json, ...reply.events.filter((event) => event !== "[DONE]")] as Texts[];
  return places
    .flatMap(({ choices, content, delta }) => [
      choices?.[0]?.message?.content,
      choices?.[0]?.delta?.content,
      ...(content ?? []).map((block) => block.text),
      delta?.text,
    ])
    .map((text) => text ?? "")
    .join("");
}

/** True for a stream with its dialect's own end. */
export function isWhole(reply: Reply): boolean {
  const last = reply.events.at(-1);
  const named = /event: message_stop\r?\ndata: [^\n]*\n\r?\n$/.test(reply.text);
  return !reply.broken && (last === "[DONE]" || last?.["type"] === "message_stop" || named);
}

/** The error events of a stream. */
export function errorEvents(reply: Reply): Json[] {
  return reply.events.filter((event) => event !== "[DONE]" && event["error"] !== undefined) as Json[];
}

/** Type and message of an error answer; checks nothing but that it is one of this dialect. */
export function errorOf(json: Json, dialect: Dialect): { type: string; message: string } {
  const error = json["error"] as Record<string, unknown> | undefined;
  const isError =
    typeof error?.["message"] === "string" &&
    typeof error["type"] === "string" &&
    (dialect === "openai" ? json["type"] !== "error" : json["type"] === "error");
  if (!isError) throw new Error(`no error of the ${dialect} dialect: ${JSON.stringify(json)}`);
  return { type: error["type"] as string, message: error["message"] as string };
}
