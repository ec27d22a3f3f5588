// `drawbridge route MODEL`: asks a running gateway how it would route a request, and prints the decision.

import { decisionText } from "./decision-text.ts";
import { type CommandLine, type Flag, readFlags, refuseWords, UsageError } from "./flags.ts";
import { readSimulation } from "./read-simulation.ts";
import { EXIT, type Terminal } from "./terminal.ts";

const PATIENCE = 15_000;

const wholeNumber = (highest: number) => (value: string) =>
  /^\d{1,10}$/.test(value) && Number(value) <= highest ? null : `"${value}" is no whole number from 0 to ${highest}`;

export const ROUTE_FLAGS: readonly Flag[] = [
  { name: "vk", type: "text", value: "KEY", help: "virtual key: its name, id or value", also: ["virtual-key"] },
  { name: "down", type: "list", value: "TARGET", help: "assume that a provider or provider/model is down" },
  { name: "exhausted", type: "list", value: "TARGET", help: "assume that its budget or limit is used up" },
  { name: "resting", type: "list", value: "KEY", help: "assume that a provider key rests", also: ["resting-key"] },
  { name: "fallback", type: "list", value: "TARGET", help: "provider/model to fall back to", also: ["fallbacks"] },
  { name: "header", type: "list", value: "NAME:VALUE", help: "header of the request", also: ["headers"] },
  { name: "param", type: "list", value: "NAME=JSON", help: "member of the body, such as temperature=0.2" },
  { name: "text", type: "text", value: "TEXT", help: "what the user says" },
  { name: "path", type: "text", value: "PATH", help: "URL path of the request" },
  { name: "stream", type: "switch", help: "as a streamed request" },
  { name: "seed", type: "text", value: "N", help: "number behind the draw", check: wholeNumber(0xffff_ffff) },
  { name: "draws", type: "text", value: "N", help: "draw so often and show the shares", check: wholeNumber(100_000) },
  {
    name: "url",
    type: "text",
    value: "URL",
    help: "the gateway to ask",
    default: "http://localhost:8080",
    environment: ["DRAWBRIDGE_URL"],
    check: (value) => (/^https?:$/.test(URL.parse(value)?.protocol ?? "") ? null : `"${value}" is no http address`),
  },
  { name: "json", type: "switch", help: "print the answer as it came" },
];

/** The exit code: 0 when the request would be routed. */
export async function route(args: readonly string[], terminal: Terminal): Promise<number> {
  const line = readFlags(args, ROUTE_FLAGS, terminal.environment);
  refuseWords(line.words, 1, "drawbridge route MODEL");
  const [model] = line.words;
  if (model === undefined || model === "")
    throw new UsageError("which model? drawbridge route MODEL, such as gpt-4o or openai/gpt-4o");
  const url = `${line.text("url")!.replace(/\/+$/, "")}/api/routing/simulate`;
  let answer: Response;
  let body: string;
  try {
    answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(question(model, line)),
      signal: AbortSignal.timeout(PATIENCE),
    });
    body = await answer.text();
  } catch {
    terminal.err(
      `drawbridge: no gateway answers at ${line.text("url")}. Start one with \`drawbridge\`, or name it with -url URL.\n`,
    );
    return EXIT.unreachable;
  }
  return tell(answer.status, body, line.has("json"), terminal);
}

/** What POST /api/routing/simulate is asked. */
export function question(model: string, line: CommandLine): Record<string, unknown> {
  const assume = { down: line.list("down"), exhausted: line.list("exhausted"), resting_keys: line.list("resting") };
  const fallbacks = line.list("fallback");
  const [seed, draws, path, virtualKey] = [line.text("seed"), line.text("draws"), line.text("path"), line.text("vk")];
  const [said, headers] = [line.text("text"), line.each("header")];
  return {
    body: {
      model,
      ...(fallbacks.length > 0 ? { fallbacks } : {}),
      ...(line.has("stream") ? { stream: true } : {}),
      ...parameters(line.each("param")),
      ...(said === undefined ? {} : { messages: [{ role: "user", content: said }] }),
    },
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers.map((header) => pair(header, ":"))) }),
    ...(path === undefined ? {} : { path }),
    ...(virtualKey === undefined ? {} : { virtual_key: virtualKey }),
    ...(Object.values(assume).some((names) => names.length > 0) ? { assume } : {}),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(draws === undefined ? {} : { draws: Number(draws) }),
  };
}

/** Values are JSON, and text where they are none. */
function parameters(entries: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    entries.map((entry) => {
      const [name, value] = pair(entry, "=");
      try {
        return [name, JSON.parse(value) as unknown];
      } catch {
        return [name, value];
      }
    }),
  );
}

function pair(text: string, sign: ":" | "="): [string, string] {
  const at = text.indexOf(sign);
  if (at <= 0) throw new UsageError(`"${text}" is no name${sign}value`);
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

function tell(status: number, body: string, asJson: boolean, terminal: Terminal): number {
  const answer = readSimulation(status, body);
  if (asJson) terminal.out(body.endsWith("\n") ? body : `${body}\n`);
  if (answer.type === "problem") {
    if (!asJson) terminal.err(`drawbridge: ${answer.message}\n`);
    return EXIT.failed;
  }
  if (!asJson) terminal.out(decisionText(answer));
  return answer.order.length > 0 ? EXIT.ok : EXIT.failed;
}
