// Whole requests and answers (content level `full`): compressed beside their rows, and made readable again.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { promisify } from "node:util";
import { zstdCompress, zstdDecompressSync } from "node:zlib";
import type { Dialect } from "../../core/chat.ts";
import type { AssembleText, LogMessage, WholeContent } from "../../core/stores.ts";
import { closeJson, inputText } from "../content-text.ts";

/** The most that a stored content may become, bytes. */
const MOST_BYTES = 17 * 1024 * 1024;
const compressed = promisify(zstdCompress);

/** What a row shows of its whole content; null = it is not kept. */
export interface WholeText {
  readonly messages: readonly LogMessage[] | null;
  readonly answer: string | null;
  readonly request: string | null;
  readonly response: string | null;
}

export const NO_WHOLE: WholeText = { messages: null, answer: null, request: null, response: null };

/** A content as it is stored. */
export interface PackedWhole {
  readonly request: Uint8Array;
  readonly response: Uint8Array;
}

/** Compresses in the pool of threads: whoever waits for it is not held. */
export async function packWhole(content: WholeContent): Promise<PackedWhole> {
  const [request, response] = await Promise.all([compressed(content.input), compressed(content.output)]);
  const head = Buffer.from([
    (content.inputCut ? 1 : 0) |
      (content.outputCut ? 2 : 0) |
      (content.outputIsStream ? 4 : 0) |
      (content.outputDialect === "anthropic" ? 8 : 0),
  ]);
  return { request: Buffer.concat([head, request]), response };
}

/** The statements of whole contents over one connection. */
export class WholeTable {
  readonly #insert: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      `INSERT INTO log_whole SELECT seq, ?, ? FROM request_log WHERE id = ? ON CONFLICT DO NOTHING`,
    );
  }

  /** False: there is no row for it, or it has one. */
  add(id: string, { request, response }: PackedWhole): boolean {
    return this.#insert.run(request, response, id).changes === 1;
  }
}

/** Reads a stored content back. `assemble` makes text of the answer. */
export function wholeText(request: Uint8Array, response: Uint8Array, assemble: AssembleText | null): WholeText {
  const flags = request[0] ?? 0;
  const input = zstdDecompressSync(request.subarray(1), { maxOutputLength: MOST_BYTES });
  const output = zstdDecompressSync(response, { maxOutputLength: MOST_BYTES });
  const dialect: Dialect = (flags & 8) === 0 ? "openai" : "anthropic";
  return {
    messages: messagesOf(input, (flags & 1) !== 0),
    answer: assemble === null ? null : answerOf(assemble, output, dialect, flags),
    request: input.toString("utf8"),
    response: output.length === 0 ? null : output.toString("utf8"),
  };
}

function answerOf(assemble: AssembleText, bytes: Buffer, dialect: Dialect, flags: number): string | null {
  try {
    const isStream = (flags & 4) !== 0;
    const text = assemble(bytes, dialect, isStream);
    if (text !== "" || isStream) return text || null;
    return assemble(Buffer.from(closeJson(bytes)), dialect, false) || null;
  } catch {
    return null;
  }
}

/** The messages of a body, each with its text and what else it holds. Null: it is no list of messages. */
function messagesOf(body: Buffer, isCut: boolean): LogMessage[] | null {
  try {
    const value = JSON.parse(isCut ? closeJson(body) : body.toString("utf8")) as Record<string, unknown>;
    const { messages, input, system } = value;
    const list = Array.isArray(messages) ? messages : Array.isArray(input) ? input : null;
    if (list === null) return null;
    const first = system === undefined ? [] : [{ role: "system", content: system }];
    return [...first, ...list].map(messageOf);
  } catch {
    return null;
  }
}

function messageOf(value: unknown): LogMessage {
  const { role, content } = (value ?? {}) as { role?: unknown; content?: unknown };
  const json = Buffer.from(JSON.stringify(value ?? null));
  const kind = kindOf(value, content);
  return {
    role: typeof role === "string" ? role : "other",
    content: inputText(json, false),
    ...(kind === "text" ? {} : { kind }),
    bytes: Buffer.byteLength(typeof content === "string" ? content : JSON.stringify(content ?? "")),
  };
}

const KINDS: Readonly<Record<string, string>> = {
  image_url: "image",
  input_image: "image",
  image: "image",
  input_audio: "audio",
  file: "file",
  document: "file",
  tool_use: "tool_call",
  tool_result: "tool_result",
  thinking: "reasoning",
  reasoning: "reasoning",
  function_call: "tool_call",
  function_call_output: "tool_result",
};

function kindOf(value: unknown, content: unknown): string {
  const { role, type, tool_calls: calls } = (value ?? {}) as Record<string, unknown>;
  if (Array.isArray(calls) && calls.length > 0) return "tool_call";
  if (role === "tool") return "tool_result";
  if (typeof type === "string" && KINDS[type] !== undefined) return KINDS[type];
  if (!Array.isArray(content)) return "text";
  const kinds = content.map((part) => KINDS[String((part as Record<string, unknown> | null)?.["type"])]);
  return kinds.find((kind) => kind !== undefined) ?? "text";
}
