// Who a request is for is read from headers and body, within bounds, and refuses nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { unpackMessage } from "../../core/message-outline.ts";
import { testExchange } from "../../core/testing.ts";
import { messagesEndpoint } from "../anthropic/messages.ts";
import { chatEndpoint } from "../openai/chat.ts";
import { completionsEndpoint } from "../openai/completions.ts";
import { embeddingsEndpoint } from "../openai/embeddings.ts";
import { appName } from "./caller-facts.ts";

const place = { extraFields: true, ownProvider: null };
const ENDPOINTS = {
  chat: chatEndpoint(place),
  messages: messagesEndpoint(),
  completions: completionsEndpoint(place),
  embeddings: embeddingsEndpoint(place),
};
const HI = [{ role: "user", content: "hi" }];

function decoded(name: keyof typeof ENDPOINTS, fields: object, headers: Record<string, string> = {}) {
  const exchange = testExchange(ENDPOINTS[name], { body: JSON.stringify({ model: "m", ...fields }), headers });
  ENDPOINTS[name].decode(exchange);
  return exchange;
}

test("user, app, session and tags come from headers", () => {
  const exchange = decoded(
    "chat",
    { messages: HI, user: "in the body" },
    {
      "x-bf-dim-user": "jane",
      "x-bf-dim-app": "search",
      "x-bf-session-id": "s-1",
      "x-bf-dim-team": Buffer.from("Köln").toString("latin1"),
      "x-bf-dim-empty": "",
      "x-bf-dim-": "no name",
      "user-agent": "curl/8.5",
    },
  );
  const { userId, app, sessionId, tags } = exchange;
  assert.deepEqual(
    { userId, app, sessionId, tags },
    { userId: "jane", app: "search", sessionId: "s-1", tags: [["team", "Köln"]] },
  );
});

test("without such headers nothing is told but the program", () => {
  const { userId, app, sessionId, tags } = decoded("chat", { messages: HI }, { "user-agent": "OpenAI/Python 1.99.1" });
  assert.deepEqual({ userId, app, sessionId, tags }, { userId: null, app: "openai-python", sessionId: null, tags: [] });
});

test("tags are few and short, and hold no control characters", () => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`x-bf-dim-t${i}`, "v"]));
  const long = { [`x-bf-dim-${"n".repeat(300)}`]: `a\u0001b${"x".repeat(5000)}` };
  const { tags } = decoded("chat", { messages: HI }, { ...long, ...many });
  assert.equal(tags.length, 16);
  assert.equal(tags[0]?.[0].length, 64);
  assert.match(tags[0]?.[1] ?? "", /^abx{200,253}$/);
});

for (const [text, name] of [
  ["OpenAI/JS 4.1", "openai-js"],
  ["claude-cli/1.0.3 (external, cli)", "claude-cli"],
  ["python-requests/2.31", "python-requests"],
  ["Acme/v2", "acme"],
  ["node", "node"],
  ["(strange)", null],
] as const)
  test(`the program ${text} is ${name}`, () => {
    assert.equal(appName(text), name);
  });

test("OpenAI's bodies tell their user, the safety identifier first; what is no text is left to the provider", () => {
  assert.equal(decoded("chat", { messages: HI, user: "u", safety_identifier: "s" }).userId, "s");
  assert.equal(decoded("chat", { messages: HI, user: "u\u0000\n" }).userId, "u");
  assert.equal(decoded("completions", { prompt: "hi", user: "u" }).userId, "u");
  assert.equal(decoded("embeddings", { input: "hi", user: "u" }).userId, "u");
  assert.equal(decoded("chat", { messages: HI, user: 7 }).userId, null);
  assert.equal(decoded("chat", { messages: HI, user: "u".repeat(1000) }).userId, "u".repeat(256));
});

test("Anthropic's bodies tell it in their metadata", () => {
  const body = { messages: HI, max_tokens: 7 };
  assert.equal(decoded("messages", { ...body, metadata: { user_id: "u" } }).userId, "u");
  assert.equal(decoded("messages", { ...body, metadata: { user_id: null } }).userId, null);
  assert.equal(decoded("messages", { ...body, metadata: {} }).userId, null);
  assert.equal(decoded("messages", { ...body, metadata: { user_id: "u" } }, { "x-bf-dim-user": "h" }).userId, "h");
});

test("the outline tells role, kind and length of each message, and which one is the input", () => {
  const image = [
    { type: "text", text: "what is it?" },
    { type: "image_url", image_url: { url: "data:" } },
  ];
  const messages = [
    { role: "system", content: "be brief" },
    { role: "user", content: "hi" },
    { role: "assistant", content: null, tool_calls: [] },
    { role: "tool", content: "42" },
    { role: "user", content: image },
    { role: "robot", content: "x" },
  ];
  const { outline } = decoded("chat", { messages });
  assert.deepEqual(outline?.messages.map(unpackMessage), [
    { role: "system", kind: "text", bytes: 8 },
    { role: "user", kind: "text", bytes: 2 },
    { role: "assistant", kind: "tool_call", bytes: JSON.stringify(messages[2]).length },
    { role: "tool", kind: "tool_result", bytes: 2 },
    { role: "user", kind: "image", bytes: JSON.stringify(image).length },
    { role: "other", kind: "text", bytes: 1 },
  ]);
  assert.deepEqual([outline?.count, outline?.input], [6, 4]);
  assert.equal(decoded("chat", { messages: HI }).outline, null);
});

test("of very many messages the first ones are listed, in a long body too", () => {
  const messages = Array.from({ length: 5000 }, (_, i) => ({
    role: i % 2 === 0 ? "user" : "assistant",
    content: `${i}`,
  }));
  for (const more of [{}, { other: "x".repeat(2_000_000) }]) {
    const { outline } = decoded("chat", { messages, ...more });
    assert.deepEqual([outline?.messages.length, outline?.count, outline?.input], [2000, 5000, -1]);
    assert.deepEqual(unpackMessage(outline?.messages[1999] ?? 0), { role: "assistant", kind: "text", bytes: 4 });
  }
});
