// From the fields of the page to the body of a chat request, and from a record back to the fields.
import type { LogMessage, LogRow } from "../../../../src/core/stores.ts";

/** A message as it is sent; members that this page does not know go along. */
export interface ChatMessage {
  readonly role: string;
  readonly content?: unknown;
  readonly [member: string]: unknown;
}

/** What the fields hold, as typed. */
export interface Settings {
  readonly isStream: boolean;
  readonly system: string;
  readonly temperature: string;
  readonly maxTokens: string;
  readonly tools: string;
}

export const NO_SETTINGS: Settings = { isStream: true, system: "", temperature: "", maxTokens: "", tools: "" };

/** Why a field cannot be sent as it stands. */
export type SettingErrors = Partial<Record<"temperature" | "maxTokens" | "tools", string>>;

/** Checked at each key press; empty = all can be sent. */
export function settingErrors({ temperature, maxTokens, tools }: Settings): SettingErrors {
  const errors: SettingErrors = {};
  const heat = Number(temperature);
  if (temperature.trim() !== "" && !(heat >= 0 && heat <= 2)) errors.temperature = "A number from 0 to 2.";
  if (maxTokens.trim() !== "" && !/^[1-9]\d*$/.test(maxTokens.trim())) errors.maxTokens = "A whole number from 1 on.";
  const read = readTools(tools);
  if (read.error !== null) errors.tools = read.error;
  return errors;
}

interface ReadTools {
  readonly tools: readonly unknown[] | null;
  readonly error: string | null;
}

/** A list of tools as OpenAI's API takes it, or what is wrong with it. Empty text = none. */
export function readTools(text: string): ReadTools {
  if (text.trim() === "") return { tools: null, error: null };
  let tools: unknown;
  try {
    tools = JSON.parse(text);
  } catch (error) {
    return { tools: null, error: `No valid JSON: ${placed(text, (error as Error).message)}` };
  }
  if (!Array.isArray(tools)) return { tools: null, error: "A list is needed: [ … ]." };
  for (const [index, tool] of tools.entries()) {
    const wrong = toolError(tool);
    if (wrong !== null) return { tools: null, error: `Tool ${index + 1}: ${wrong}` };
  }
  return { tools, error: null };
}

/** Browsers tell the place by its number of letters, people read lines. */
function placed(text: string, message: string): string {
  const at = /at position (\d+)/.exec(message)?.[1];
  if (at === undefined || message.includes("line ")) return `${message}.`;
  const before = text.slice(0, Number(at)).split("\n");
  return `${message} (line ${before.length} column ${(before.at(-1)?.length ?? 0) + 1}).`;
}

function toolError(tool: unknown): string | null {
  if (typeof tool !== "object" || tool === null || Array.isArray(tool)) return "an object is needed.";
  const { type, function: call } = tool as { type?: unknown; function?: unknown };
  if (type !== "function") return '"type" must be "function".';
  if (typeof call !== "object" || call === null) return '"function" must be an object with a name.';
  const { name, parameters } = call as { name?: unknown; parameters?: unknown };
  if (typeof name !== "string" || !/^[\w-]{1,64}$/.test(name))
    return '"function.name" takes letters, digits, _ and -, at most 64.';
  if (parameters !== undefined && (typeof parameters !== "object" || parameters === null))
    return '"function.parameters" must be a JSON Schema object.';
  return null;
}

/** The body; settings must be without errors. */
export function bodyOf(model: string, settings: Settings, messages: readonly ChatMessage[]): Record<string, unknown> {
  const { system, temperature, maxTokens, isStream } = settings;
  const { tools } = readTools(settings.tools);
  const head: readonly ChatMessage[] = system.trim() === "" ? [] : [{ role: "system", content: system }];
  return {
    model,
    messages: [...head, ...messages],
    ...(isStream ? { stream: true } : {}),
    ...(temperature.trim() === "" ? {} : { temperature: Number(temperature) }),
    ...(maxTokens.trim() === "" ? {} : { max_tokens: Number(maxTokens) }),
    ...(tools === null || tools.length === 0 ? {} : { tools }),
  };
}

/** A record made ready to be sent again. */
export interface Replay {
  readonly model: string;
  readonly keyId: string | null;
  readonly settings: Settings;
  /** What was said before the last message of the user. */
  readonly base: readonly ChatMessage[];
  /** The last message of the user. */
  readonly draft: string;
  /** What is not as it was, for the reader; null: all is there. */
  readonly missing: string | null;
}

/** From a record to the fields; what was not kept cannot come back, and is told. */
export function replayOf(record: LogRow): Replay {
  const whole = wholeBody(record.raw_request);
  const plain = { model: record.requested_model, keyId: record.virtual_key_id };
  if (whole !== null) return { ...plain, ...fromBody(whole, record.stream), missing: null };
  const told = record.input_history.filter(({ content }) => content !== "");
  const last = told.findLast(({ role }) => role === "user");
  const hasMore = record.input_history.some((message) => message !== last);
  return {
    ...plain,
    settings: { ...NO_SETTINGS, isStream: record.stream },
    base: [],
    draft: last?.content ?? "",
    missing: missingWords(record, last, hasMore),
  };
}

function missingWords(record: LogRow, last: LogMessage | undefined, hasMore: boolean): string | null {
  const level = record.content_level;
  if (last === undefined)
    return `The record has no text of this request: content level “${level}”. Model and key are as they were.`;
  const isCut = last.bytes !== undefined && last.bytes > new TextEncoder().encode(last.content).length;
  if (isCut) return `The record has the beginning of the last message alone: content level “${level}”.`;
  return hasMore
    ? `The record has the last message alone, not what was said before: content level “${level}”. Level “full” keeps all.`
    : `Parameters of the request are not in the record: content level “${level}”. Level “full” keeps all.`;
}

function wholeBody(raw: string | null): Record<string, unknown> | null {
  try {
    const body: unknown = raw === null ? null : JSON.parse(raw);
    const isChat =
      typeof body === "object" && body !== null && Array.isArray((body as { messages?: unknown }).messages);
    return isChat ? (body as Record<string, unknown>) : null;
  } catch {
    // cut at its cap
    return null;
  }
}

function fromBody(body: Record<string, unknown>, isStream: boolean): Pick<Replay, "settings" | "base" | "draft"> {
  const messages = body["messages"] as ChatMessage[];
  const system = messages.find(({ role }) => role === "system") ?? { content: body["system"] };
  const spoken = messages.filter(({ role }) => role !== "system");
  const last = spoken.at(-1);
  const draft = last?.role === "user" ? textOf(last.content) : null;
  const tools = Array.isArray(body["tools"]) ? JSON.stringify(body["tools"], null, 2) : "";
  return {
    settings: {
      isStream,
      system: textOf(system.content) ?? "",
      temperature: numberText(body["temperature"]),
      maxTokens: numberText(body["max_completion_tokens"] ?? body["max_tokens"]),
      tools: readTools(tools).error === null ? tools : "",
    },
    base: draft === null ? spoken : spoken.slice(0, -1),
    draft: draft ?? "",
  };
}

function numberText(value: unknown): string {
  return typeof value === "number" ? String(value) : "";
}

/** Null: there is more in it than text. */
function textOf(content: unknown): string | null {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return content === undefined ? "" : null;
  const texts = content.map((part: { type?: unknown; text?: unknown }) =>
    typeof part.text === "string" ? part.text : null,
  );
  return texts.includes(null) ? null : texts.join("\n");
}
