// Makes readable text of the stored bytes of a request, also when they were cut off in the middle.

/** Text of the last user message, given its JSON: a message, its content, or a plain string. */
export function inputText(bytes: Buffer, isCut: boolean): string {
  const plain = isCut ? cutMessage(bytes) : null;
  if (plain !== null) return plain;
  const json = isCut ? closeJson(bytes) : bytes.toString("utf8");
  try {
    return textOf(JSON.parse(json));
  } catch {
    return json;
  }
}

const MESSAGE = /^\s*\{\s*"role"\s*:\s*"[a-z]+"\s*,\s*"content"\s*:\s*"/;
const HALF_ESCAPE = /\\u[0-9a-fA-F]{0,3}$/;

/** The usual cut: a message whose content is one long string that does not end. Null: it is another one. */
function cutMessage(bytes: Buffer): string | null {
  const text = bytes.toString("utf8");
  const head = MESSAGE.exec(text);
  if (head === null) return null;
  let end = text.endsWith("\ufffd") ? text.length - 1 : text.length;
  const half = HALF_ESCAPE.exec(text.slice(end - 6, end));
  if (half !== null) end -= half[0].length;
  let slashes = 0;
  while (text[end - 1 - slashes] === "\\") slashes++;
  end -= slashes % 2;
  try {
    return JSON.parse(`"${text.slice(head[0].length, end)}"`) as string;
  } catch {
    return null;
  }
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(textOf).join("\n");
  if (typeof value !== "object" || value === null) return "";
  const { text, content, type } = value as Record<string, unknown>;
  if (typeof text === "string") return text;
  if (content !== undefined) return textOf(content);
  return typeof type === "string" ? `[${type}]` : "";
}

/** JSON that was cut off, with what is open closed again. What cannot be mended comes back as it is. */
export function closeJson(bytes: Buffer): string {
  const whole = bytes.toString("utf8");
  // A character may have been cut in two.
  const text = whole.replace(/\ufffd$/, "");
  const { closers, inString } = openEnds(text);
  const ended = inString ? `${text.replace(/(?<!\\)((?:\\\\)*)\\(?:u[0-9a-fA-F]{0,3})?$/, "$1")}"` : text;
  const trimmed = ended.replace(/[\s,]+$/, "");
  for (const middle of [trimmed, `${trimmed}:null`, `${trimmed}null`]) {
    const closed = middle + closers;
    if (isJson(closed)) return closed;
  }
  return whole;
}

/** What would have to follow to close the brackets that are open, and whether a string is. */
function openEnds(text: string): { closers: string; inString: boolean } {
  const stack: string[] = [];
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    if (inString) {
      if (char === "\\") i++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{") stack.push("}");
    else if (char === "[") stack.push("]");
    else if (char === "}" || char === "]") stack.pop();
  }
  return { closers: stack.reverse().join(""), inString };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
