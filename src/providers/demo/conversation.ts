// Reads from a chat request, in either dialect, what the demo's answer depends on.

type Json = Record<string, unknown>;

export interface DemoTool {
  readonly name: string;
  /** JSON Schema of the arguments. */
  readonly schema: unknown;
}

/** `must`: a tool has to be called; `named`: this one. */
export interface DemoToolChoice {
  readonly type: "auto" | "none" | "must" | "named";
  readonly name: string;
  readonly parallel: boolean;
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** All text of a message's content: a string, or the text of its parts. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => (isJson(part) && typeof part["text"] === "string" ? part["text"] : "")).join("");
}

/** The text of tool results in the last message, or null when it holds none. */
function toolResultOf(message: Json | undefined): string | null {
  if (message === undefined) return null;
  if (message["role"] === "tool") return textOf(message["content"]);
  const parts = Array.isArray(message["content"]) ? message["content"] : [];
  const results = parts.filter((part): part is Json => isJson(part) && part["type"] === "tool_result");
  return results.length === 0 ? null : results.map((part) => textOf(part["content"])).join(" ");
}

function readTools(body: Json): DemoTool[] {
  const tools: DemoTool[] = [];
  for (const entry of Array.isArray(body["tools"]) ? body["tools"] : []) {
    if (!isJson(entry)) continue;
    const inner = isJson(entry["function"]) ? entry["function"] : entry;
    if (typeof inner["name"] !== "string") continue;
    tools.push({ name: inner["name"], schema: inner["parameters"] ?? inner["input_schema"] });
  }
  return tools;
}

function readToolChoice(body: Json): DemoToolChoice {
  const choice = body["tool_choice"];
  const kind = isJson(choice) ? choice["type"] : choice;
  const inner = isJson(choice) && isJson(choice["function"]) ? choice["function"] : choice;
  const name = isJson(inner) && typeof inner["name"] === "string" ? inner["name"] : "";
  const parallel =
    body["parallel_tool_calls"] !== false && !(isJson(choice) && choice["disable_parallel_tool_use"] === true);
  if (name !== "") return { type: "named", name, parallel };
  if (kind === "required" || kind === "any") return { type: "must", name, parallel };
  return { type: kind === "none" ? "none" : "auto", name, parallel };
}

function readSchema(body: Json): unknown {
  const format = body["response_format"] ?? body["output_format"] ?? (body["output_config"] as Json | null)?.["format"];
  if (!isJson(format)) return null;
  if (format["type"] === "json_object") return {};
  if (format["type"] !== "json_schema") return null;
  return (isJson(format["json_schema"]) ? format["json_schema"]["schema"] : format["schema"]) ?? {};
}

/** What the demo looks at. */
export interface Conversation {
  readonly lastUserText: string;
  /** Null: the last message brings no tool result. */
  readonly toolResult: string | null;
  readonly tools: readonly DemoTool[];
  readonly toolChoice: DemoToolChoice;
  /** JSON Schema that the answer must fit; null: plain text. */
  readonly answerSchema: unknown;
  /** Bytes of all text of the conversation, system text included. */
  readonly inputBytes: number;
  /** Infinity: none was given. */
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly choices: number;
  readonly includeUsage: boolean;
}

function positive(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : otherwise;
}

/** The prompts of a text completion, each as a message; a prompt of tokens is one. */
function promptMessages(prompt: unknown): Json[] {
  const list = Array.isArray(prompt) && typeof prompt[0] !== "number" ? prompt : [prompt];
  return list.map((text) => ({ role: "user", content: typeof text === "string" ? text : JSON.stringify(text ?? "") }));
}

/** Reads a chat body of either dialect, or a text completion; what is missing or of another type counts as not given. */
export function readConversation(body: Json): Conversation {
  const prompts = Array.isArray(body["messages"]) || body["prompt"] === undefined ? [] : promptMessages(body["prompt"]);
  const messages =
    prompts.length > 0 ? prompts : (Array.isArray(body["messages"]) ? body["messages"] : []).filter(isJson);
  const texts = [textOf(body["system"]), ...messages.map((message) => textOf(message["content"]))];
  const users = messages.filter((message) => message["role"] === "user" && textOf(message["content"]) !== "");
  const stop = body["stop"] ?? body["stop_sequences"];
  return {
    lastUserText: textOf(users.at(-1)?.["content"]),
    toolResult: toolResultOf(messages.at(-1)),
    tools: readTools(body),
    toolChoice: readToolChoice(body),
    answerSchema: readSchema(body),
    inputBytes: texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    maxTokens: positive(body["max_completion_tokens"] ?? body["max_tokens"], Number.POSITIVE_INFINITY),
    stop: (Array.isArray(stop) ? stop : [stop]).filter((text) => typeof text === "string" && text !== ""),
    choices: Math.min(positive(body["n"], 1) * Math.max(1, prompts.length), 16),
    includeUsage: isJson(body["stream_options"]) && body["stream_options"]["include_usage"] === true,
  };
}
