// Every attempt is charged once, by what its provider reported, else by the documented count: the true cost is computed here.
import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";

/**
 * Nano-dollars of a token. OpenAI's models: @pydantic/genai-prices 0.1.8 and LiteLLM 1.109.1 agree (text-embedding-3-small: 20);
 * flex by the rule of OpenAI's page that it costs what a batch costs, half. Claude, with its searches at 10 dollars a thousand:
 * platform.claude.com, Pricing, copy with Claude Opus 4.6 as the newest.
 */
const GPT = { model: "gpt-4o", input: 2500, cached: 1250, output: 10_000 };
const CLAUDE = { model: "claude-sonnet-4-5", input: 3000, cached: 300, write5m: 3750, write1h: 6000, output: 15_000 };
const GPT_5 = { model: "gpt-5", flexInput: 625, flexOutput: 5000 };
const SEARCH = 10_000_000;

type Json = Readonly<Record<string, unknown>>;
/** What a provider sends: a body, or the events of a stream; `hang` leaves it open behind them, `cut` breaks it. */
interface Play {
  readonly base?: "openai" | "anthropic";
  readonly status?: number;
  readonly body?: Json;
  readonly events?: readonly Json[];
  readonly end?: "hang" | "cut";
}

const said = (content: string): Json => ({ index: 0, message: { role: "assistant", content }, finish_reason: "stop" });
const chunk = (delta: Json, more: Json = {}, finish: string | null = null): Json => ({
  id: "c",
  object: "chat.completion.chunk",
  created: 1,
  model: "m",
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...more,
});
const told = (choices: readonly Json[], more: Json = {}): Json => ({
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices,
  ...more,
});
const TEXT = ['He said: "yes"\n', "naïve ", "😀 ", "and ", "so on."];
const TEXT_BYTES = Buffer.byteLength(TEXT.join(""));
const talk = [chunk({ role: "assistant", content: "" }), ...TEXT.map((content) => chunk({ content }))];
const cachedUsage = {
  prompt_tokens: 1000,
  completion_tokens: 10,
  total_tokens: 1010,
  prompt_tokens_details: { cached_tokens: 600, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 4 },
};
const CACHED_COST = 400 * GPT.input + 600 * GPT.cached + 10 * GPT.output;
const claudeStart = {
  input_tokens: 50,
  cache_read_input_tokens: 7,
  cache_creation_input_tokens: 300,
  cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
  output_tokens: 1,
  service_tier: "standard",
};
const CLAUDE_INPUT = 50 * CLAUDE.input + 7 * CLAUDE.cached + 100 * CLAUDE.write5m + 200 * CLAUDE.write1h;
const claudeTalk: readonly Json[] = [
  {
    type: "message_start",
    message: { id: "m", type: "message", role: "assistant", model: "m", content: [], usage: claudeStart },
  },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  ...TEXT.map((text) => ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } })),
];
const claudeEnd: readonly Json[] = [
  { type: "content_block_stop", index: 0 },
  {
    type: "message_delta",
    delta: { stop_reason: "end_turn", stop_sequence: null },
    usage: { output_tokens: 90, server_tool_use: { web_search_requests: 2 } },
  },
  { type: "message_stop" },
];
const refusal = { error: { message: "crashed", type: "server_error" } };

const PLAYS: Readonly<Record<string, Play>> = {
  cached: { body: told([said("hi")], { usage: cachedUsage }) },
  flex: { body: told([said("hi")], { service_tier: "flex", usage: { prompt_tokens: 80, completion_tokens: 3 } }) },
  silent: { body: told([said(TEXT.join(""))]) },
  negative: { body: told([said(TEXT.join(""))], { usage: { prompt_tokens: -5, completion_tokens: 3e12 } }) },
  absurd: { body: told([said(TEXT.join(""))], { usage: { prompt_tokens: 9, completion_tokens: 5_000_000 } }) },
  "stream-cached": { events: [...talk, chunk({}, {}, "stop"), { ...chunk({}), choices: [], usage: cachedUsage }] },
  "stream-silent": { events: [...talk, chunk({}, {}, "stop")] },
  "stream-hang": { events: talk, end: "hang" },
  "stream-cut": { events: talk, end: "cut" },
  mute: { events: [], end: "hang" },
  failed: { status: 500, body: refusal },
  "failed-usage": { status: 500, body: { ...refusal, usage: { prompt_tokens: 40, completion_tokens: 2 } } },
  "error-in-200": { body: { ...refusal, usage: { prompt_tokens: 30, completion_tokens: 0 } } },
  embedding: {
    body: {
      object: "list",
      data: [{ object: "embedding", index: 0, embedding: [0.5] }],
      usage: { prompt_tokens: 12, total_tokens: 12 },
    },
  },
  claude: {
    base: "anthropic",
    body: {
      id: "m",
      type: "message",
      role: "assistant",
      model: "m",
      content: [{ type: "text", text: "hi" }],
      stop_reason: "end_turn",
      usage: { ...claudeStart, output_tokens: 90, server_tool_use: { web_search_requests: 2 } },
    },
  },
  "claude-stream": { base: "anthropic", events: [...claudeTalk, ...claudeEnd] },
  "claude-hang": { base: "anthropic", events: claudeTalk, end: "hang" },
};

function send(play: Play, response: http.ServerResponse): void {
  if (play.events === undefined) {
    response.writeHead(play.status ?? 200, { "content-type": "application/json" });
    return void response.end(JSON.stringify(play.body));
  }
  const isClaude = play.base === "anthropic";
  const text = play.events.map((event) => {
    const name = isClaude ? `event: ${String(event["type"])}\n` : "";
    return `${name}data: ${JSON.stringify(event)}\n\n`;
  });
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.flushHeaders();
  response.write(text.join(""));
  if (play.end === "cut") setTimeout(() => response.destroy(), 50);
  else if (play.end === undefined) response.end(isClaude ? "" : "data: [DONE]\n\n");
}

const upstream = http.createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    const key = request.headers.authorization ?? String(request.headers["x-api-key"]);
    send(PLAYS[key.replace(/^(Bearer )?sk-/, "")] as Play, response);
  });
});

let gateway: TestGateway;

before(async () => {
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const providers = Object.fromEntries(
    Object.entries(PLAYS).map(([name, { base = "openai" }]) => [
      name,
      {
        keys: [{ name, value: `sk-${name}`, models: ["*"] }],
        network_config: { base_url: url, max_retries: 0, default_request_timeout_in_seconds: 5 },
        custom_provider_config: { base_provider_type: base },
      },
    ]),
  );
  gateway = await startTestGateway({ config: { providers } });
});

after(async () => {
  await gateway.stop();
  upstream.closeAllConnections();
  upstream.close();
});

interface Asked {
  readonly provider: string;
  readonly model?: string;
  readonly stream?: boolean;
  readonly fields?: Json;
  readonly path?: string;
  /** Leave once all of the text has come. */
  readonly leaves?: boolean;
  /** Leave after this time, ms. */
  readonly leavesAfterMs?: number;
}

interface ChargedRow {
  /** Nano-dollars of each attempt, and where its usage is from. */
  readonly attempts: readonly (readonly [cost: number, origin: string])[];
  readonly possiblyBilled: readonly boolean[];
  readonly total: number;
  /** By the documented count. */
  readonly countedInput: number;
}

interface LoggedAttempt {
  readonly cost: number | null;
  readonly usage_origin: string;
  readonly possibly_billed: boolean;
}

let asked = 0;

async function ask({
  provider,
  model = GPT.model,
  stream = false,
  fields = {},
  path,
  leaves = false,
  leavesAfterMs = 0,
}: Asked): Promise<ChargedRow> {
  const mark = `charge-${++asked}`;
  const isClaude = path?.endsWith("/messages") === true;
  const body = JSON.stringify({
    model: `${provider}/${model}`,
    ...(path?.endsWith("/embeddings") ? { input: "x" } : { messages: [{ role: "user", content: `what is ${mark}?` }] }),
    ...(isClaude ? { max_tokens: 100 } : {}),
    ...(stream ? { stream: true } : {}),
    ...fields,
  });
  const leave = new AbortController();
  if (leavesAfterMs > 0) setTimeout(() => leave.abort(), leavesAfterMs);
  try {
    const answer = await fetch(gateway.url + (path ?? "/v1/chat/completions"), {
      method: "POST",
      body,
      headers: { "content-type": "application/json", "x-request-id": mark },
      signal: leave.signal,
    });
    for await (const part of answer.body ?? [])
      if (leaves && Buffer.from(part as Uint8Array).includes(TEXT.at(-1) as string)) leave.abort();
  } catch {
    // left, or broken: as the test wants it
  }
  const [row] = await gateway.logs(1, `client_request_id=${mark}`);
  const attempts = (row?.attempts ?? []) as unknown as readonly LoggedAttempt[];
  return {
    attempts: attempts.map(({ cost, usage_origin }) => [Math.round((cost ?? 0) * 1e9), usage_origin] as const),
    possiblyBilled: attempts.map(({ possibly_billed }) => possibly_billed),
    total: Math.round(Number(row?.["cost"] ?? 0) * 1e9),
    countedInput: Math.ceil(Buffer.byteLength(body) / 4),
  };
}

const COUNTED_OUTPUT = Math.ceil(TEXT_BYTES / 4);

test("what was reported is charged: cached tokens, tiers, cache writes, searches, embeddings", async () => {
  const claude = { path: "/anthropic/v1/messages", model: CLAUDE.model };
  const claudeCost = CLAUDE_INPUT + 90 * CLAUDE.output + 2 * SEARCH;
  const cases: readonly (readonly [Asked, number])[] = [
    [{ provider: "cached" }, CACHED_COST],
    [{ provider: "stream-cached", stream: true }, CACHED_COST],
    [{ provider: "stream-cached", stream: true, fields: { stream_options: { include_usage: true } } }, CACHED_COST],
    [{ provider: "stream-cached", stream: true, path: "/anthropic/v1/messages" }, CACHED_COST],
    [{ provider: "cached", path: "/anthropic/v1/messages" }, CACHED_COST],
    [{ provider: "flex", model: GPT_5.model }, 80 * GPT_5.flexInput + 3 * GPT_5.flexOutput],
    [{ provider: "embedding", model: "text-embedding-3-small", path: "/v1/embeddings" }, 12 * 20],
    [{ provider: "claude", ...claude }, claudeCost],
    [{ provider: "claude", model: CLAUDE.model }, claudeCost],
    [{ provider: "claude-stream", stream: true, ...claude }, claudeCost],
    [{ provider: "claude-stream", stream: true, model: CLAUDE.model }, claudeCost],
  ];
  for (const [question, cost] of cases) {
    const row = await ask(question);
    assert.deepEqual(row.attempts, [[cost, "reported"]], JSON.stringify(question));
    assert.equal(row.total, cost);
  }
});

test("without a report that can be believed the body and the text are counted", async () => {
  const messages = "/anthropic/v1/messages";
  for (const question of [
    { provider: "silent" },
    { provider: "silent", path: messages },
    { provider: "negative" },
    { provider: "stream-silent", stream: true },
    { provider: "stream-silent", stream: true, path: messages },
  ]) {
    const { attempts, countedInput } = await ask(question);
    const cost = countedInput * GPT.input + COUNTED_OUTPUT * GPT.output;
    assert.deepEqual(attempts, [[cost, "counted"]], JSON.stringify(question));
  }
  const absurd = await ask({ provider: "absurd" });
  assert.deepEqual(absurd.attempts, [[9 * GPT.input + COUNTED_OUTPUT * GPT.output, "counted"]]);
});

test("a stream that breaks or is left is charged for what its provider sent", async () => {
  for (const question of [
    { provider: "stream-cut", stream: true },
    { provider: "stream-hang", stream: true, leaves: true },
    { provider: "stream-hang", stream: true, leaves: true, path: "/anthropic/v1/messages" },
  ]) {
    const { attempts, countedInput } = await ask(question);
    const cost = countedInput * GPT.input + COUNTED_OUTPUT * GPT.output;
    assert.deepEqual(attempts, [[cost, "counted"]], JSON.stringify(question));
  }
  // its beginning tells the input; the output is counted, for the number that stands there is none of it
  for (const path of ["/anthropic/v1/messages", "/v1/chat/completions"]) {
    const left = await ask({
      provider: "claude-hang",
      model: CLAUDE.model,
      stream: true,
      leaves: true,
      path,
    });
    assert.deepEqual(left.attempts, [[CLAUDE_INPUT + COUNTED_OUTPUT * CLAUDE.output, "counted"]], path);
  }
});

test("a request that is left before any content is free, and marked as possibly billed", async () => {
  const left = await ask({ provider: "mute", stream: true, leavesAfterMs: 100 });
  assert.deepEqual([left.attempts, left.possiblyBilled], [[[0, "none"]], [true]]);
});

test("failures are free unless they report usage, and nothing of one attempt goes into the next", async () => {
  const fallbacks = (...names: readonly string[]): Json => ({ fallbacks: names.map((name) => `${name}/${GPT.model}`) });
  const failedCost = 40 * GPT.input + 2 * GPT.output;
  const chain = await ask({ provider: "failed", fields: fallbacks("failed-usage", "error-in-200", "cached") });
  assert.deepEqual(chain.attempts, [
    [0, "none"],
    [failedCost, "reported"],
    [30 * GPT.input, "reported"],
    [CACHED_COST, "reported"],
  ]);
  assert.equal(chain.total, failedCost + 30 * GPT.input + CACHED_COST);
  const silent = await ask({ provider: "failed-usage", fields: fallbacks("silent") });
  const counted = silent.countedInput * GPT.input + COUNTED_OUTPUT * GPT.output;
  assert.deepEqual(silent.attempts, [
    [failedCost, "reported"],
    [counted, "counted"],
  ]);
  const lost = await ask({ provider: "failed-usage", fields: fallbacks("failed") });
  assert.deepEqual(lost.attempts, [
    [failedCost, "reported"],
    [0, "none"],
  ]);
});

test("the cost of all attempts stands in the metrics", async () => {
  const sum = async (): Promise<number> => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    const lines = text.split("\n").filter((line) => line.startsWith("bifrost_cost_total{"));
    return lines.reduce((total, line) => total + Number(line.slice(line.lastIndexOf(" "))), 0);
  };
  const rows = await gateway.logs(asked);
  const expected = rows.reduce((total, row) => total + Number(row["cost"] ?? 0), 0);
  assert.ok(expected > 0);
  for (let tries = 0; Math.abs((await sum()) - expected) > 1e-9; tries++) {
    assert.ok(tries < 60, `${await sum()} is not ${expected}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});
