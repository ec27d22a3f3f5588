// Turns a JSON log line into one for people: time, level, text, fields.

const COLOURS: Readonly<Record<string, string>> = {
  debug: "\x1b[90m",
  info: "\x1b[36m",
  warn: "\x1b[33m",
  error: "\x1b[31m",
};
const PLAIN = "\x1b[0m";
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** What comes from outside moves no cursor and begins no line of its own. */
function tame(text: string): string {
  return text.replace(CONTROL, (character) => JSON.stringify(character).slice(1, -1)).replaceAll("\n", "\n    ");
}

function showValue(value: unknown): string {
  const text = tame(typeof value === "string" ? value : JSON.stringify(value));
  return typeof value === "string" && /[\s"=]/.test(text) ? JSON.stringify(text) : text;
}

/** `line` as the logger made it; it comes back unchanged when it is no JSON object. */
export function prettyLine(line: string, coloured: boolean): string {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line);
  } catch {
    return line;
  }
  const { level, time, message, ...fields } = entry;
  const word = String(level);
  const name = coloured
    ? `${COLOURS[word] ?? ""}${word.toUpperCase().padEnd(5)}${PLAIN}`
    : word.toUpperCase().padEnd(5);
  const rest = Object.entries(fields).map(([field, value]) => ` ${field}=${showValue(value)}`);
  return `${String(time).slice(11, 23)} ${name} ${tame(String(message))}${rest.join("")}\n`;
}
