// What routing rules see of a request's body: its parameters, bounded, and what the user said last.

/** What the request says, which no rule looks at. */
export const CONTENT_MEMBERS: ReadonlySet<string> = new Set(["messages", "prompt", "input", "system", "contents"]);

/** Longer parameters are absent, in bytes of JSON. */
export const LONGEST_PARAM: number = 64 * 1024;
/** Of lists and objects so many members are seen, of texts so many characters, and so many levels. */
const MOST_MEMBERS = 256;
const LONGEST_TEXT = 4_096;
const DEEPEST = 16;

function bounded(value: unknown, depth: number): unknown {
  if (typeof value === "string") return value.slice(0, LONGEST_TEXT);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= DEEPEST) return null;
  if (Array.isArray(value)) return value.slice(0, MOST_MEMBERS).map((each: unknown) => bounded(each, depth + 1));
  return boundedObject(value as Record<string, unknown>, depth + 1);
}

function boundedObject(value: Record<string, unknown>, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(value).slice(0, MOST_MEMBERS)) copy[name] = bounded(value[name], depth);
  return copy;
}

/** The members of a body that are no content, then what the query adds. */
export function ruleParams(members: Record<string, unknown>, query: string): Record<string, unknown> {
  const params = boundedObject(members, 0);
  for (const name of CONTENT_MEMBERS) delete params[name];
  if (query !== "")
    for (const [name, value] of new URLSearchParams(query))
      if (!Object.hasOwn(params, name)) params[name] = value.slice(0, LONGEST_TEXT);
  return params;
}

/** The text of a message, of its parts, or of a prompt. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value))
    return value
      .map(textOf)
      .filter((text) => text !== "")
      .join("\n");
  if (typeof value !== "object" || value === null) return "";
  const { text, content } = value as { text?: unknown; content?: unknown };
  return textOf(text ?? content);
}

/** What the user said last in a whole body. */
export function lastUserText(body: Record<string, unknown>): string {
  const { messages, prompt, input } = body;
  if (!Array.isArray(messages)) return textOf(prompt ?? input);
  return textOf(messages.findLast((each: unknown) => (each as { role?: unknown } | null)?.role === "user"));
}

/** Headers by name, as expressions read them. */
export function headerRecord(entries: readonly (readonly [string, string])[]): Record<string, string> {
  const record: Record<string, string> = Object.create(null);
  for (const [name, value] of entries)
    record[name] = (record[name] === undefined ? value : `${record[name]}, ${value}`).slice(0, LONGEST_TEXT);
  return record;
}
