// Whatever bytes a provider answers: every request ends, in time, with an answer of its dialect, and nothing breaks inside.
import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { Random } from "../../src/lib/random.ts";
import { anthropicForm } from "../../src/providers/demo/anthropic-form.ts";
import { compose } from "../../src/providers/demo/compose.ts";
import { openaiForm } from "../../src/providers/demo/openai-form.ts";
import { type Dialect, errorEvents, errorOf, isWhole, type Reply } from "../support/conversation.ts";
import { type Rig, startRig } from "../support/rig.ts";

const ROUNDS = 30;
const random = new Random(4711);
let server: Server;
let rig: Rig;

function below(limit: number): number {
  return Math.floor(random.next() * limit);
}

function pick<T>(list: readonly T[]): T {
  return list[below(list.length)] as T;
}

/** Values that stand where nobody expects them. */
const ODD: readonly unknown[] = [
  null,
  true,
  -1,
  1e308,
  "",
  "text",
  [],
  {},
  [null],
  [[]],
  { index: -1 },
  "\u0000",
  [{ type: null }],
];

/** Puts an odd value in the place of one inside, or takes one out. */
function mutate(value: unknown): unknown {
  if (random.next() < 0.1 || typeof value !== "object" || value === null) return pick(ODD);
  if (Array.isArray(value)) {
    if (value.length === 0) return pick(ODD);
    const at = below(value.length);
    return value.map((each: unknown, i) => (i === at ? mutate(each) : each));
  }
  const names = Object.keys(value);
  const name = names[below(names.length)];
  if (name === undefined) return pick(ODD);
  const rest = { ...(value as Record<string, unknown>) };
  if (random.next() < 0.2) delete rest[name];
  else rest[name] = mutate(rest[name]);
  return rest;
}

/** Bytes changed, doubled or lost. */
function garble(text: string): string {
  const at = below(text.length);
  const kind = below(4);
  if (kind === 0) return text.slice(0, at);
  if (kind === 1) return text.slice(0, at) + text.slice(at + 1 + below(20));
  if (kind === 2)
    return text.slice(0, at) + pick(["\n", "\r", "\u0000", "}", '"', "\\", "data:", "\n\n"]) + text.slice(at);
  return text.slice(0, at) + text.slice(Math.max(0, at - below(200)));
}

/** The raw lane looks at the first and last byte of an event's data, not at what is between. */
function mutateEvent(event: string, raw: boolean): string {
  const data = /^data: (\{.*\})$/m.exec(event)?.[1];
  if (raw && data === undefined) return pick(["", "data: nothing\n\n", "data: [DONE]\n\n", ": comment\n\n", "\n\n\n"]);
  if (data === undefined || (!raw && random.next() < 0.3)) return garble(event);
  try {
    return event.replace(data, () => JSON.stringify(mutate(JSON.parse(data))));
  } catch {
    return event; // it was harmed before
  }
}

const TOOLS = [
  {
    type: "function",
    function: { name: "look", parameters: { type: "object", properties: { at: { type: "string" } } } },
  },
];

/** An answer of the demo's with some harm done to it. */
function harmed(dialect: Dialect, stream: boolean, raw: boolean): string {
  const tools = random.next() < 0.4 ? { tools: TOOLS } : {};
  const talk = { messages: [{ role: "user", content: "look at this and that" }], ...tools };
  const thinking = random.next() < 0.3 ? "Let me see." : "";
  const composition = { ...compose("any", talk), includeUsage: random.next() < 0.5, thinking };
  const form = dialect === "openai" ? openaiForm : anthropicForm;
  const usage = form.usage(composition);
  if (!stream) {
    const body = form.body(composition, usage);
    return random.next() < 0.3 ? garble(JSON.stringify(body)) : JSON.stringify(mutate(body));
  }
  const events = [...form.events(composition, usage), form.end];
  for (let n = below(3); n >= 0; n--) {
    const at = below(events.length);
    const kind = below(4);
    if (kind === 0) events.splice(at, 1);
    else if (kind === 1) events.splice(at, 0, pick(events));
    else events[at] = mutateEvent(events[at] as string, raw);
    if (events.length === 0) events.push("\n");
  }
  return events.join("");
}

function answer(socket: Socket, head: string): void {
  const dialect = head.includes("/v1/messages") ? "anthropic" : "openai";
  const stream = /"stream":true/.test(head);
  const body = Buffer.from(harmed(dialect, stream, head.includes('"model":"raw"')));
  const type = stream ? "text/event-stream" : "application/json";
  const status =
    random.next() < 0.1 ? pick(["200 OK", "400 Bad Request", "429 No", "500 No", "204 Nothing", "299 Odd"]) : "200 OK";
  socket.write(`HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n`);
  if (status.startsWith("204")) return void socket.end();
  const cut = below(body.length);
  socket.write(body.subarray(0, cut));
  setImmediate(() => socket.destroyed || socket.write(body.subarray(cut)));
}

before(async () => {
  server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => answer(socket, bytes.toString("latin1")));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const network = { base_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  rig = await startRig({ openai: { base: "openai", network }, claude: { base: "anthropic", network } });
});

after(async () => {
  await rig.close();
  server.close();
});

/** One of the ways in which a request may end. */
function assertEnded(reply: Reply, dialect: Dialect, stream: boolean): void {
  if (reply.status !== 200) {
    assert.ok(reply.status >= 400 && reply.status < 600, `${reply.status}`);
    errorOf(reply.json, dialect);
    assert.doesNotMatch(reply.text, /could not be handled|internal/, "a fault of ours");
    return;
  }
  if (!stream) return void assert.ok(Object.keys(reply.json).length > 0, reply.text);
  const errors = errorEvents(reply).length;
  assert.ok(errors <= 1, reply.text);
  if (errors === 1) assert.ok(reply.broken && !isWhole(reply), `an error, and then a clean end: ${reply.text}`);
  else assert.ok(isWhole(reply), `neither an end nor an error: ${reply.text}`);
}

for (const dialect of ["openai", "anthropic"] as const)
  for (const provider of ["openai0", "claude0"])
    for (const stream of [false, true])
      test(`${dialect} client, ${provider}, ${stream ? "streams" : "answers"} that are harmed in ${ROUNDS * 5} ways`, async () => {
        const raw = (provider === "openai0") === (dialect === "openai");
        for (let round = 0; round < ROUNDS; round++) {
          const replies = await Promise.all(
            Array.from({ length: 5 }, () =>
              rig.ask({ dialect, stream, model: `${provider}/${raw ? "raw" : "translated"}` }),
            ),
          );
          for (const reply of replies) assertEnded(reply, dialect, stream);
        }
        assert.doesNotMatch(rig.gateway.output(), /"level":"error"|threw|could not be handled/);
      });
