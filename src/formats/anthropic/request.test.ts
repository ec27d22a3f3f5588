// Checks that Anthropic requests are read whole, refused clearly, and made as the provider takes them.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChatRequest, Message } from "../../core/chat.ts";
import { GatewayError } from "../../core/errors.ts";
import { target } from "../testing.ts";
import { anthropicFormat } from "./format.ts";

const decode = (body: Record<string, unknown>) =>
  anthropicFormat.decodeRequest({ model: "claude-sonnet-4-5", max_tokens: 100, messages: [], ...body });
const encode = (request: ChatRequest, model = "claude-sonnet-4-5") =>
  anthropicFormat.encodeRequest(request, target("anthropic", model));

const CACHE = { cache_control: { type: "ephemeral", ttl: "1h" } };

const FULL = {
  system: [{ type: "text", text: "Be brief.", ...CACHE }],
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "What is this?" },
        { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" }, ...CACHE },
        { type: "image", source: { type: "url", url: "https://example.org/a.jpg" } },
        {
          type: "document",
          source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" },
          title: "a.pdf",
        },
        { type: "document", source: { type: "text", media_type: "text/plain", data: "plain" } },
        { type: "document", source: { type: "file", file_id: "file_1" } },
      ],
    },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "Hm.", signature: "c2ln" },
        { type: "redacted_thinking", data: "ZGF0YQ==" },
        { type: "text", text: "Looking." },
        { type: "tool_use", id: "toolu_1", name: "look", input: { a: [1] } },
        { type: "tool_use", id: "toolu_2", name: "look", input: {} },
      ],
    },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "toolu_1", content: "seen", is_error: true },
        {
          type: "tool_result",
          tool_use_id: "toolu_2",
          content: [
            { type: "text", text: "x" },
            { type: "image", source: { type: "url", url: "https://example.org/b.jpg" } },
          ],
          ...CACHE,
        },
        { type: "text", text: "And now?" },
      ],
    },
  ],
  tools: [
    { name: "look", description: "Looks", input_schema: { type: "object", properties: {} }, strict: true, ...CACHE },
  ],
  tool_choice: { type: "any", disable_parallel_tool_use: true },
  output_config: { format: { type: "json_schema", schema: { type: "object" } }, effort: "high" },
  thinking: { type: "enabled", budget_tokens: 2048 },
  temperature: 1,
  top_p: 0.9,
  top_k: 5,
  stop_sequences: ["END"],
  service_tier: "auto",
  metadata: { user_id: "u" },
  inference_geo: "eu",
};

test("keeps every field on the way through the canonical form to a provider of the same dialect", () => {
  const { value, losses } = decode(FULL);
  assert.deepEqual(losses, []);
  const { value: body, losses: more } = encode(value);
  assert.deepEqual(more, []);
  assert.deepEqual(body, { model: "claude-sonnet-4-5", max_tokens: 100, ...FULL });
  assert.deepEqual(anthropicFormat.decodeRequest(body).value, value);
});

test("splits a user's turn into tool results and the rest, in order", () => {
  const roles = decode(FULL).value.messages.map((message) => message.role);
  assert.deepEqual(roles, ["system", "user", "assistant", "tool", "user"]);
});

test("keeps tools of the provider's own and turns of role system within the conversation", () => {
  const tools = [{ type: "web_search_20250305", name: "web_search" }];
  const messages = [
    { role: "user", content: "a" },
    { role: "system", content: "b" },
  ];
  const { value } = decode({ tools, messages });
  const { value: body, losses } = encode(value);
  assert.deepEqual([body["tools"], body["messages"], losses], [tools, messages, []]);
});

test("reads structured output as the beta spelled it too", () => {
  const format = { type: "json_schema", schema: { type: "object" } };
  assert.deepEqual(decode({ output_format: format }).value, decode({ output_config: { format } }).value);
});

test("tells blocks that have no canonical form", () => {
  const content = [
    { type: "text", text: "a" },
    { type: "search_result", source: "s", title: "t", content: [] },
  ];
  assert.deepEqual(decode({ messages: [{ role: "user", content }] }).losses, [
    { field: "messages[0].content[1]", kind: "loss" },
  ]);
});

const request = (messages: readonly Message[], over: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "m",
  messages,
  stream: false,
  includeUsage: false,
  origin: "openai",
  extra: {},
  ...over,
});
const say = (role: Message["role"], text: string): Message => ({ role, content: [{ type: "text", text }] });

test("orders a conversation as the dialect demands", () => {
  const { value, losses } = encode(
    request([
      say("system", "s1"),
      say("user", "u1"),
      say("user", "u2"),
      say("developer", "s2"),
      { role: "assistant", content: [{ type: "tool-call", id: "functions.f:0", name: "f", arguments: "" }] },
      say("user", "before"),
      { role: "tool", content: [{ type: "tool-result", id: "functions.f:0", content: [] }] },
      say("assistant", ""),
      say("assistant", "prefill  "),
    ]),
  );
  assert.deepEqual(value["system"], [
    { type: "text", text: "s1" },
    { type: "text", text: "s2" },
  ]);
  assert.deepEqual(value["messages"], [
    {
      role: "user",
      content: [
        { type: "text", text: "u1" },
        { type: "text", text: "u2" },
      ],
    },
    { role: "assistant", content: [{ type: "tool_use", id: "functions_f_0", name: "f", input: {} }] },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "functions_f_0", content: "" },
        { type: "text", text: "before" },
      ],
    },
    { role: "assistant", content: "prefill" },
  ]);
  assert.deepEqual(losses, [{ field: "messages[3].role", kind: "hint" }]);
});

const first = (messages: readonly Message[]) => (encode(request(messages)).value["messages"] as { role: string }[])[0];

test("begins with a user's turn even where the caller does not", () => {
  assert.equal(first([say("assistant", "a")])?.role, "user");
  assert.equal(first([say("system", "a")])?.role, "user");
  assert.equal(first([])?.role, "user");
});

test("carries arguments that are no JSON object, and gives them back as they were", () => {
  for (const text of ['{"city": "Par', "[1]", '"x"', "{}x"]) {
    const call: Message = { role: "assistant", content: [{ type: "tool-call", id: "c", name: "f", arguments: text }] };
    const { value } = encode(request([say("user", "a"), call]));
    const { value: again } = anthropicFormat.decodeRequest(value);
    assert.deepEqual(again.messages.at(-1), call);
  }
});

test("reports what this dialect has no word for: hints and losses, in the caller's spelling", () => {
  const { losses } = encode(
    request([say("user", "a")], {
      n: 2,
      seed: 1,
      logprobs: true,
      topLogprobs: 2,
      frequencyPenalty: 1,
      presencePenalty: 1,
      logitBias: { a: 1 },
      temperature: 1.5,
      responseFormat: { type: "json" },
      serviceTier: "flex",
      metadata: { a: "b" },
      stop: ["\n", "x"],
      extra: { verbosity: "low", store: true, prediction: null },
    }),
  );
  const kinds = Object.fromEntries(losses.map(({ field, kind }) => [field, kind]));
  assert.deepEqual(kinds, {
    n: "loss",
    seed: "loss",
    logprobs: "loss",
    top_logprobs: "loss",
    frequency_penalty: "loss",
    presence_penalty: "loss",
    logit_bias: "loss",
    temperature: "loss",
    response_format: "loss",
    stop: "loss",
    service_tier: "hint",
    metadata: "hint",
    verbosity: "loss",
    store: "hint",
  });
  const { losses: none } = encode(
    request([say("user", "a")], {
      n: 1,
      logprobs: false,
      frequencyPenalty: 0,
      presencePenalty: 0,
      logitBias: {},
      user: "u",
    }),
  );
  assert.deepEqual(none, []);
});

const of = (model: string, over: Partial<ChatRequest>) => encode(request([say("user", "a")], over), model);

test("turns effort into a budget for models that think by budget, and into adaptive thinking for later ones", () => {
  const old = of("claude-sonnet-4-5-20250929", {
    reasoning: { effort: "low" },
    maxOutputTokens: 10_000,
    temperature: 0.5,
  });
  assert.deepEqual(old.value["thinking"], { type: "enabled", budget_tokens: 2048 });
  assert.deepEqual(old.losses, [{ field: "temperature", kind: "loss" }]);
  assert.deepEqual(
    of("claude-3-7-sonnet-20250219", { reasoning: { maxTokens: 5000 }, maxOutputTokens: 4000 }).value["thinking"],
    {
      type: "enabled",
      budget_tokens: 3999,
    },
  );
  const short = of("claude-haiku-4-5", { reasoning: { effort: "high" }, maxOutputTokens: 500 });
  assert.deepEqual([short.value["thinking"], short.losses], [undefined, [{ field: "reasoning_effort", kind: "loss" }]]);
  const recent = of("claude-opus-4-8", { reasoning: { effort: "minimal" }, topP: 0.5 });
  assert.deepEqual(
    [recent.value["thinking"], recent.value["output_config"]],
    [{ type: "adaptive" }, { effort: "low" }],
  );
  assert.deepEqual(recent.losses, [{ field: "top_p", kind: "loss" }]);
  assert.deepEqual(of("claude-opus-4-6", { reasoning: { effort: "none" } }).value["thinking"], { type: "disabled" });
  assert.equal(of("claude-sonnet-4-5", { reasoning: { effort: "none" } }).value["thinking"], undefined);
  assert.equal(of("claude-fable-5-1", { reasoning: { effort: "none" } }).value["thinking"], undefined);
  const tools = [{ type: "function", name: "f" } as const];
  const forced = of("claude-opus-4-6", { reasoning: { effort: "high" }, tools, toolChoice: { type: "required" } });
  assert.deepEqual([forced.value["thinking"], forced.value["tool_choice"]], [undefined, { type: "any" }]);
});

test("sends thinking back to its issuer alone", () => {
  const message: Message = {
    role: "assistant",
    content: [
      { type: "thinking", text: "a", signature: "s", issuer: "vertex" },
      { type: "thinking", text: "b", signature: "t", issuer: "anthropic" },
      { type: "text", text: "x" },
    ],
  };
  const { value, losses } = encode(request([say("user", "a"), message]));
  assert.deepEqual((value["messages"] as { content: unknown }[])[1]?.content, [
    { type: "thinking", thinking: "b", signature: "t" },
    { type: "text", text: "x" },
  ]);
  assert.equal(losses[0]?.kind, "hint");
});

const user = (content: unknown) => ({ messages: [{ role: "user", content }] });

test("refuses wrong types with the field's name", () => {
  const cases: [Record<string, unknown>, string][] = [
    [{ model: undefined }, "model"],
    [{ messages: undefined }, "messages"],
    [{ messages: {} }, "messages"],
    [{ messages: [{ role: "tool", content: "" }] }, "messages[0].role"],
    [{ messages: [{ role: "user" }] }, "messages[0].content"],
    [user(1), "messages[0].content"],
    [user([{ type: "text" }]), "messages[0].content[0].text"],
    [user([{ type: "image", source: { type: "x" } }]), "messages[0].content[0].source.type"],
    [user([{ type: "tool_result", content: "x" }]), "messages[0].content[0].tool_use_id"],
    [{ system: 1 }, "system"],
    [{ tools: [{}] }, "tools[0].name"],
    [{ tool_choice: { type: "x" } }, "tool_choice.type"],
    [{ thinking: {} }, "thinking.type"],
    [{ stop_sequences: "x" }, "stop_sequences"],
    [{ output_config: { format: { type: "x" } } }, "output_config.format.type"],
    [{ top_k: 1.5 }, "top_k"],
  ];
  for (const [body, param] of cases) {
    assert.throws(
      () => decode(body),
      (error: unknown) => error instanceof GatewayError && error.param === param,
      param,
    );
  }
});
