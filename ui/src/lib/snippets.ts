// The same call as curl, in JavaScript and in Python; keys are placeholders, never the real ones.

export interface SnippetCall {
  /** `http://localhost:8080` */
  readonly origin: string;
  /** A chat request, as it goes to /v1/chat/completions. */
  readonly body: Readonly<Record<string, unknown>>;
  /** A virtual key is needed: a placeholder stands for it. */
  readonly needsKey: boolean;
}

const PLACEHOLDER = "$DRAWBRIDGE_KEY";

/** A command for a shell. */
export function curlSnippet({ origin, body, needsKey }: SnippetCall): string {
  const key = needsKey ? ` \\\n  -H "authorization: Bearer ${PLACEHOLDER}"` : "";
  return `curl ${origin}/v1/chat/completions \\\n  -H 'content-type: application/json'${key} \\\n  -d ${shellQuoted(JSON.stringify(body, null, 2))}`;
}

/** With OpenAI's library for JavaScript. */
export function javascriptSnippet({ origin, body, needsKey }: SnippetCall): string {
  const key = needsKey ? "process.env.DRAWBRIDGE_KEY" : '"none"';
  const isStream = body["stream"] === true;
  const tail = isStream
    ? 'for await (const chunk of answer) process.stdout.write(chunk.choices[0]?.delta?.content ?? "");'
    : "console.log(answer.choices[0].message.content);";
  return `import OpenAI from "openai";\n\nconst client = new OpenAI({ baseURL: "${origin}/v1", apiKey: ${key} });\nconst answer = await client.chat.completions.create(${JSON.stringify(body, null, 2)});\n${tail}`;
}

/** With OpenAI's library for Python. */
export function pythonSnippet({ origin, body, needsKey }: SnippetCall): string {
  const key = needsKey ? 'os.environ["DRAWBRIDGE_KEY"]' : '"none"';
  const head = needsKey ? "import os\nfrom openai import OpenAI" : "from openai import OpenAI";
  const fields = Object.entries(body).map(([name, value]) => `    ${name}=${python(value, 1)},`);
  const tail =
    body["stream"] === true
      ? 'for chunk in answer:\n    if chunk.choices:\n        print(chunk.choices[0].delta.content or "", end="", flush=True)'
      : "print(answer.choices[0].message.content)";
  return `${head}\n\nclient = OpenAI(base_url="${origin}/v1", api_key=${key})\nanswer = client.chat.completions.create(\n${fields.join("\n")}\n)\n${tail}`;
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A JSON value as Python writes it. */
function python(value: unknown, depth: number): string {
  const pad = "    ".repeat(depth + 1);
  const end = "    ".repeat(depth);
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value))
    return value.length === 0
      ? "[]"
      : `[\n${value.map((item) => `${pad}${python(item, depth + 1)},`).join("\n")}\n${end}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  const members = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${python(item, depth + 1)}`);
  const line = `{${members.join(", ")}}`;
  return line.length < 70 && !line.includes("\n")
    ? line
    : `{\n${members.map((member) => `${pad}${member},`).join("\n")}\n${end}}`;
}
