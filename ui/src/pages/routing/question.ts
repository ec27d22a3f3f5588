// The simulator's form: to and from the address of the page, as the body of the call, as curl and as a command line.

/** What the person filled in; texts as they are typed. */
export interface Question {
  readonly model: string;
  /** Id or name of a virtual key; empty = none. */
  readonly virtualKey: string;
  /** `name: value`, one a line. */
  readonly headers: string;
  /** JSON object of further members of the body; empty = none. */
  readonly params: string;
  /** What the user says. */
  readonly text: string;
  readonly down: readonly string[];
  readonly exhausted: readonly string[];
  readonly resting: readonly string[];
}

export const NO_QUESTION: Question = {
  model: "",
  virtualKey: "",
  headers: "",
  params: "",
  text: "",
  down: [],
  exhausted: [],
  resting: [],
};

const DRAWS = 10_000;

/** A field that cannot be sent as it is typed. */
export interface Trouble {
  readonly field: "headers" | "params" | "model";
  readonly message: string;
}

/** From the query of the page's address. */
export function questionOf(query: URLSearchParams): Question {
  return {
    model: query.get("model") ?? "",
    virtualKey: query.get("vk") ?? "",
    headers: query.get("headers") ?? "",
    params: query.get("params") ?? "",
    text: query.get("text") ?? "",
    down: query.getAll("down").flatMap(listed),
    exhausted: query.getAll("exhausted").flatMap(listed),
    resting: query.getAll("resting").flatMap(listed),
  };
}

/** For the query of the page's address; null takes a member away. */
export function questionQuery(question: Question): Record<string, string | null> {
  return {
    model: question.model.trim() || null,
    vk: question.virtualKey.trim() || null,
    headers: question.headers.trim() || null,
    params: question.params.trim() || null,
    text: question.text.trim() || null,
    down: question.down.join(",") || null,
    exhausted: question.exhausted.join(",") || null,
    resting: question.resting.join(",") || null,
  };
}

function listed(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** What keeps the form from being sent; empty = nothing. */
export function troublesOf(question: Question): Trouble[] {
  const troubles: Trouble[] = [];
  if (question.model.trim() === "") troubles.push({ field: "model", message: "Which model is asked for?" });
  const line = headerLines(question.headers).find((text) => headerOf(text) === null);
  if (line !== undefined) troubles.push({ field: "headers", message: `“${line}” is no header: write name: value` });
  if (paramsOf(question.params) === null)
    troubles.push({ field: "params", message: 'Write a JSON object, such as {"temperature": 0.2}' });
  return troubles;
}

function headerLines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function headerOf(line: string): readonly [string, string] | null {
  const at = line.indexOf(":");
  return at > 0 ? [line.slice(0, at).trim(), line.slice(at + 1).trim()] : null;
}

/** Null: no JSON object. */
function paramsOf(text: string): Record<string, unknown> | null {
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** The body of POST /api/routing/simulate. */
export function simulationBody(question: Question, draws = DRAWS): Record<string, unknown> {
  const headers = headerLines(question.headers).flatMap((line) => [headerOf(line) ?? []]);
  const { down, exhausted, resting } = question;
  const said = question.text.trim();
  return {
    body: {
      ...paramsOf(question.params),
      model: question.model.trim(),
      ...(said === "" ? {} : { messages: [{ role: "user", content: said }] }),
    },
    ...(question.virtualKey === "" ? {} : { virtual_key: question.virtualKey }),
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) as Record<string, string> }),
    ...(down.length + exhausted.length + resting.length === 0
      ? {}
      : { assume: { down, exhausted, resting_keys: resting } }),
    ...(draws === 0 ? {} : { draws }),
  };
}

/** In single quotes for a shell. */
export function quoted(text: string): string {
  return /^[\w./:@=,+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The same question asked by curl. */
export function curlOf(question: Question, origin: string): string {
  const body = JSON.stringify(simulationBody(question));
  return `curl ${origin}/api/routing/simulate \\\n  -H 'content-type: application/json' \\\n  -d ${quoted(body)}`;
}

/** The same question asked by the command line. */
export function commandOf(question: Question, origin: string): string {
  const params = Object.entries(paramsOf(question.params) ?? {}).map(
    ([name, value]) => ["-param", `${name}=${JSON.stringify(value)}`] as const,
  );
  const flags: readonly (readonly [string, string])[] = [
    ...(question.virtualKey === "" ? [] : [["-vk", question.virtualKey] as const]),
    ...headerLines(question.headers).map((line) => ["-header", line] as const),
    ...params,
    ...(question.text.trim() === "" ? [] : [["-text", question.text.trim()] as const]),
    ...(question.down.length === 0 ? [] : [["-down", question.down.join(",")] as const]),
    ...(question.exhausted.length === 0 ? [] : [["-exhausted", question.exhausted.join(",")] as const]),
    ...(question.resting.length === 0 ? [] : [["-resting", question.resting.join(",")] as const]),
    ["-draws", String(DRAWS)],
    ["-url", origin],
  ];
  const words = flags.map(([name, value]) => `${name} ${quoted(value)}`);
  return ["drawbridge route", quoted(question.model.trim() || "MODEL"), ...words].join(" ");
}
