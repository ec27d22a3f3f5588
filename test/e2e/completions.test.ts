// POST /v1/completions through a gateway: raw, by way of a chat, streamed, failing over, refused, recorded and simulated.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI, { BadRequestError } from "openai";
import { parseEvents } from "../support/conversation.ts";
import { type FaultUpstream, startFaultUpstream } from "../support/fault-upstream.ts";
import { post, startTestGateway, type TestGateway } from "../support/gateway.ts";
import { until } from "../support/rig.ts";

let upstream: FaultUpstream;
let gateway: TestGateway;

/** Providers that are told by the key they come with. */
const PROVIDERS: readonly (readonly [name: string, base: string | null])[] = [
  ["raw", "openai"],
  ["second", "openai"],
  ["claude", "anthropic"],
  ["groq", null],
  ["perplexity", null],
];

before(async () => {
  upstream = await startFaultUpstream();
  const network = {
    base_url: upstream.url,
    default_request_timeout_in_seconds: 1,
    stream_idle_timeout_in_seconds: 0.5,
  };
  const providers = Object.fromEntries(
    PROVIDERS.map(([name, base]) => [
      name,
      {
        keys: [{ name, value: `sk-${name}`, models: ["*"] }],
        network_config: network,
        ...(base === null ? {} : { custom_provider_config: { base_provider_type: base } }),
      },
    ]),
  );
  gateway = await startTestGateway({ config: { providers } });
});

after(async () => {
  await gateway?.stop();
  await upstream.close();
});

function client(path = "/v1"): OpenAI {
  return new OpenAI({ apiKey: "unused", baseURL: gateway.url + path, maxRetries: 0 });
}

interface Streamed {
  readonly status: number;
  readonly text: string;
  readonly broken: boolean;
}

async function stream(body: object, headers: Record<string, string> = {}): Promise<Streamed> {
  const answer = await fetch(`${gateway.url}/v1/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ prompt: "Tell me", stream: true, ...body }),
  });
  let text = "";
  try {
    for await (const part of answer.body ?? []) text += Buffer.from(part as Uint8Array).toString();
  } catch {
    return { status: answer.status, text, broken: true };
  }
  return { status: answer.status, text, broken: false };
}

type Chunk = {
  choices: { text: string; index: number; finish_reason: string | null }[];
  usage?: { total_tokens: number } | null;
  error?: { message: string };
  extra_fields?: Record<string, unknown>;
};
const chunksOf = (text: string): Chunk[] => parseEvents(text).filter((event) => event !== "[DONE]") as Chunk[];
const said = (text: string): string =>
  chunksOf(text)
    .flatMap((chunk) => chunk.choices ?? [])
    .map((choice) => choice.text)
    .join("");
const lastSeen = () => upstream.requests.at(-1) as FaultUpstream["requests"][number];

for (const model of ["demo/echo", "raw/any-model", "claude/any-model", "groq/any-model"])
  test(`the official SDK completes text with ${model}, plain and streamed`, async () => {
    const answer = await client().completions.create({ model, prompt: "Hello!", max_tokens: 50 });
    assert.equal(answer.object, "text_completion");
    assert.equal(answer.choices[0]?.text, "You said: Hello!");
    assert.equal(answer.choices[0]?.finish_reason, "stop");
    assert.equal(
      answer.usage?.total_tokens,
      (answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0),
    );
    assert.ok((answer.usage?.prompt_tokens ?? 0) > 0);
    const events = await client().completions.create({ model, prompt: "Hello!", stream: true });
    let text = "";
    let finish: string | null = null;
    let extra: unknown;
    for await (const chunk of events) {
      assert.equal(chunk.object, "text_completion");
      text += chunk.choices[0]?.text ?? "";
      finish = chunk.choices[0]?.finish_reason ?? finish;
      extra = (chunk as unknown as Chunk).extra_fields ?? extra;
    }
    assert.equal(text, "You said: Hello!");
    assert.equal(finish, "stop");
    assert.equal((extra as { request_type: string }).request_type, "text_completion_stream");
  });

test("a provider with text completions gets the caller's bytes with the model alone changed", async () => {
  const body =
    '{"prompt":["one","two"], "model":"raw/babbage-002","n":2,"echo" : true,"logprobs":3,"suffix":"!","stop":["\\n"],"odd":1.0e0}';
  const answer = await post(`${gateway.url}/v1/completions`, body, { "x-request-id": "raw-bytes" });
  assert.equal(answer.status, 200);
  const request = lastSeen();
  assert.equal(request.target, "/v1/completions");
  assert.equal(request.body.toString(), body.replace("raw/babbage-002", "babbage-002"));
  assert.equal((answer.json["choices"] as unknown[]).length, 4);
  const extra = answer.json["extra_fields"] as Record<string, unknown>;
  assert.equal(extra["request_type"], "text_completion");
  assert.equal(extra["provider"], "raw");
  assert.equal(extra["resolved_model_used"], "babbage-002");
  assert.equal(extra["converted_request_type"], undefined);
  assert.equal(answer.headers.get("x-bifrost-request-type"), "text_completion");
  const [row] = await gateway.logs(1, "client_request_id=raw-bytes");
  assert.equal(row?.["object"], "text_completion");
  assert.equal(row?.status, "success");
  const detail = await (await fetch(`${gateway.url}/api/logs/${row?.id}`)).text();
  assert.match(detail, /You said: two/);
});

test("by way of a chat the prompt is one message, and what was lost and converted is told", async () => {
  const ask = { model: "groq/llama", prompt: ["Hi"], suffix: "end", max_tokens: 40, seed: 3 };
  const answer = await post(`${gateway.url}/v1/completions`, ask, { "x-request-id": "over-chat" });
  assert.equal(answer.status, 200, answer.text);
  const request = lastSeen();
  assert.equal(request.target, "/v1/chat/completions");
  assert.equal(request.key, "sk-groq");
  const sent = request.json as { messages: { role: string; content: unknown }[]; prompt?: unknown; seed: number };
  assert.deepEqual(
    sent.messages.map((message) => message.role),
    ["user"],
  );
  assert.equal(sent.prompt, undefined);
  assert.equal(sent.seed, 3);
  const extra = answer.json["extra_fields"] as Record<string, unknown>;
  assert.equal(extra["request_type"], "text_completion");
  assert.equal(extra["converted_request_type"], "chat_completion");
  assert.deepEqual(extra["dropped_params"], ["suffix"]);
  const [row] = await gateway.logs(1, "client_request_id=over-chat");
  assert.equal(row?.["object"], "text_completion");
  const strict = await post(`${gateway.url}/v1/completions`, ask, { "x-bf-strict": "true" });
  assert.equal(strict.status, 400);
  assert.match(strict.text, /suffix/);
  const several = await post(`${gateway.url}/v1/completions`, { model: "groq/llama", prompt: ["a", "b"] });
  assert.equal(several.status, 400);
  assert.match(several.text, /one text/);
});

test("usage comes where it was asked for, and rides on the finish of /v1 where it was not", async () => {
  for (const model of ["raw/echo", "claude/echo"]) {
    const asked = chunksOf((await stream({ model, stream_options: { include_usage: true } })).text);
    assert.deepEqual(asked.at(-1)?.choices, []);
    assert.ok((asked.at(-1)?.usage?.total_tokens ?? 0) > 0, model);
    const plain = chunksOf((await stream({ model })).text);
    assert.equal(plain.at(-1)?.choices[0]?.finish_reason, "stop");
    assert.ok((plain.at(-1)?.usage?.total_tokens ?? 0) > 0, model);
  }
});

const BEFORE_CONTENT = [
  "status-503",
  "cut-before-head",
  "truncated-json",
  "no-choices",
  "error-in-200",
  "empty-stream",
  "done-only",
  "error-event-first",
  "bad-first-event",
  "stall-before-content",
  "wrong-content-type",
];

test("nobody sees a fault before the first content: the next target answers, whole and streamed", async () => {
  await Promise.all(
    BEFORE_CONTENT.flatMap((behaviour) =>
      ["raw", "claude"].map(async (provider) => {
        const body = { model: `${provider}/${behaviour}`, prompt: "Tell me", fallbacks: ["second/echo"] };
        const plain = await post(`${gateway.url}/v1/completions`, body);
        assert.equal(plain.status, 200, `${provider} ${behaviour}: ${plain.text}`);
        assert.equal((plain.json["choices"] as Chunk["choices"])[0]?.text, "You said: Tell me");
        const reply = await stream(body);
        assert.equal(reply.status, 200, `${provider} ${behaviour}: ${reply.text}`);
        assert.equal(said(reply.text), "You said: Tell me", `${provider} ${behaviour}`);
        assert.ok(!reply.broken && reply.text.endsWith("data: [DONE]\n\n"));
      }),
    ),
  );
});

const AFTER_CONTENT = [
  "cut-in-body",
  "break-mid-stream",
  "close-in-body",
  "end-mid-stream",
  "stall-mid-stream",
  "error-event-mid-stream",
  "error-then-done",
  "bad-event",
];

test("a fault after content is one error event, never a clean end", async () => {
  await Promise.all(
    AFTER_CONTENT.flatMap((behaviour) =>
      ["raw", "claude"].map(async (provider) => {
        const what = `${provider} ${behaviour}`;
        const reply = await stream({ model: `${provider}/${behaviour}`, fallbacks: ["second/echo"] });
        assert.equal(reply.status, 200, what);
        assert.ok(reply.broken, `${what}: the body ended well`);
        assert.ok(said(reply.text).length > 0, what);
        assert.doesNotMatch(reply.text, /\[DONE\]|"finish_reason":"/, what);
        const errors = chunksOf(reply.text).filter((chunk) => chunk.error !== undefined);
        assert.equal(errors.length, 1, `${what}: ${reply.text}`);
      }),
    ),
  );
});

test("a whole JSON answer to a streamed request becomes a stream", async () => {
  for (const provider of ["raw", "claude"]) {
    const reply = await stream({ model: `${provider}/json-instead-of-stream` });
    assert.equal(said(reply.text), "You said: Tell me", reply.text);
    assert.ok(reply.text.endsWith("data: [DONE]\n\n"));
  }
});

test("a provider without text completions is refused by name, and chats where the caller allows it", async () => {
  const body = { model: "perplexity/sonar", prompt: "Hi" };
  const refused = await post(`${gateway.url}/v1/completions`, body);
  assert.equal(refused.status, 400);
  const { error } = refused.json as { error: { code: string; message: string } };
  assert.equal(error.code, "unsupported_operation");
  assert.equal(error.message, "text_completion is not supported by perplexity provider");
  const streamed = await post(`${gateway.url}/v1/completions`, { ...body, stream: true });
  assert.match(streamed.text, /text_completion_stream is not supported by perplexity provider/);
  await assert.rejects(client().completions.create({ model: "perplexity/sonar", prompt: "Hi" }), BadRequestError);
  const converted = await post(`${gateway.url}/v1/completions`, body, { "x-bf-compat": '["convert_text_to_chat"]' });
  assert.equal(converted.status, 200, converted.text);
  assert.equal(lastSeen().target, "/chat/completions");
  const chatOnly = await post(
    `${gateway.url}/v1/completions`,
    { model: "raw/gpt-4o", prompt: "Hi" },
    { "x-bf-compat": "true" },
  );
  assert.equal((chatOnly.json["extra_fields"] as Record<string, unknown>)["converted_request_type"], "chat_completion");
});

test("a provider's own refusal goes on as it came", async () => {
  const answer = await post(`${gateway.url}/v1/completions`, { model: "raw/context-length", prompt: "Hi" });
  assert.equal(answer.status, 400);
  assert.equal((answer.json as { error: { code: string } }).error.code, "context_length_exceeded");
});

test("every spelling of the drop-in takes it, with the provider's bytes", async () => {
  for (const path of ["/openai/v1", "/openai", "/openai/openai", "/openai/openai/v1"]) {
    const answer = await client(path).completions.create({ model: "raw/echo", prompt: "Hello!" });
    assert.equal(answer.choices[0]?.text, "You said: Hello!", path);
    assert.ok(!("extra_fields" in answer), path);
  }
});

async function simulate(model: string, path = "/v1/completions", headers: object = {}): Promise<string> {
  const answer = await post(`${gateway.url}/api/routing/simulate`, { path, headers, body: { model, prompt: "x" } });
  assert.equal(answer.status, 200, answer.text);
  return answer.text;
}

test("a simulation tells the same by path", async () => {
  assert.match(await simulate("groq/llama"), /"order":\[\{"provider":"groq"/);
  assert.match(await simulate("perplexity/sonar", "/openai/v1/completions"), /operation not offered by the provider/);
  const allowed = await simulate("perplexity/sonar", "/v1/completions", { "x-bf-compat": "true" });
  assert.match(allowed, /"order":\[\{"provider":"perplexity"/);
});

test("a client that leaves a stream is seen by the provider", async () => {
  const controller = new AbortController();
  const answer = await fetch(`${gateway.url}/v1/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "raw/chunks-1000-20ms", prompt: "leaver", stream: true }),
    signal: controller.signal,
  });
  await answer.body?.getReader().read();
  controller.abort();
  const request = upstream.requests.findLast((one) => one.body.includes("leaver"));
  await until("the provider is told", () => request?.abandonedAt !== null);
});
