// Puts an answer together from the chunks of a stream, or from one whole body.

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON as the model wrote it, perhaps still growing. */
  readonly arguments: string;
}

/** An error as the client sees it. */
export interface AnswerError {
  /** HTTP status; 0: nobody answered. */
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Seconds; null = not told. */
  readonly retryAfter: number | null;
  /** The body as it came. */
  readonly body: string;
}

export interface AnswerContent {
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finish: string | null;
  /** Broke off after it had begun. */
  readonly error: AnswerError | null;
}

export const NO_CONTENT: AnswerContent = { text: "", reasoning: "", toolCalls: [], finish: null, error: null };

interface Delta {
  readonly content?: unknown;
  readonly reasoning?: unknown;
  readonly reasoning_content?: unknown;
  readonly refusal?: unknown;
  readonly tool_calls?: readonly {
    readonly index?: number;
    readonly id?: string;
    readonly function?: { readonly name?: string; readonly arguments?: string };
  }[];
}

interface Chunk {
  readonly choices?: readonly {
    readonly delta?: Delta;
    readonly message?: Delta;
    readonly finish_reason?: string | null;
  }[];
  readonly error?: unknown;
}

const DONE = "[DONE]";

/** The content after one more event of a stream; what is no JSON is passed over. */
export function addChunk(content: AnswerContent, data: string): AnswerContent {
  if (data === DONE) return content;
  let chunk: Chunk;
  try {
    chunk = JSON.parse(data) as Chunk;
  } catch {
    return content;
  }
  if (chunk.error !== undefined && chunk.error !== null)
    return { ...content, error: errorIn(data, { status: 200, retryAfter: null }) };
  const choice = chunk.choices?.[0];
  if (choice === undefined) return content;
  return addDelta(content, choice.delta ?? {}, choice.finish_reason);
}

/** A whole answer. */
export function wholeAnswer(text: string): AnswerContent {
  let body: Chunk;
  try {
    body = JSON.parse(text) as Chunk;
  } catch {
    return {
      ...NO_CONTENT,
      error: { status: 200, code: "no_json", message: "The answer is no JSON.", retryAfter: null, body: text },
    };
  }
  const choice = body.choices?.[0];
  return addDelta(NO_CONTENT, choice?.message ?? {}, choice?.finish_reason);
}

function word(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function addDelta(content: AnswerContent, delta: Delta, finish: string | null | undefined): AnswerContent {
  return {
    ...content,
    text: content.text + word(delta.content) + word(delta.refusal),
    reasoning: content.reasoning + (word(delta.reasoning_content) || word(delta.reasoning)),
    toolCalls: delta.tool_calls === undefined ? content.toolCalls : addCalls(content.toolCalls, delta.tool_calls),
    finish: finish ?? content.finish,
  };
}

function addCalls(before: readonly ToolCall[], more: NonNullable<Delta["tool_calls"]>): ToolCall[] {
  const calls = [...before];
  for (const [at, { index = at, id, function: call }] of more.entries()) {
    const old = calls[index] ?? { id: "", name: "", arguments: "" };
    calls[index] = {
      id: id ?? old.id,
      name: call?.name ?? old.name,
      arguments: old.arguments + (call?.arguments ?? ""),
    };
  }
  return calls;
}

/** What a failed answer says, in whichever form it came. */
export function errorIn(body: string, { status, retryAfter }: Pick<AnswerError, "status" | "retryAfter">): AnswerError {
  const facts = { status, retryAfter, body };
  try {
    const { error } = JSON.parse(body) as { error?: { message?: unknown; code?: unknown; type?: unknown } };
    if (typeof error?.message === "string")
      return { ...facts, code: String(error.code ?? error.type ?? "error"), message: error.message };
  } catch {
    // no JSON: the status is all there is
  }
  return { ...facts, code: "error", message: `The gateway answered with status ${status}.` };
}
