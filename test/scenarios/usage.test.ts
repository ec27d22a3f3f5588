// Usage with cached, written and reasoning tokens: what the provider said, what either SDK makes of it, and what is recorded.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, beforeEach, test } from "node:test";
import type { LogRow } from "../support/gateway.ts";
import { ALL_PROVIDERS } from "./support/all-providers.ts";
import { anthropicClient, question } from "./support/anthropic-ways.ts";
import { type House, openHouse } from "./support/house.ts";
import { clientOf, user } from "./support/openai-ways.ts";

/** Answers as the vendors' packages document them; their counts in our meaning, where input holds cached and written tokens. */
const SOURCES = [
  {
    provider: "openai",
    model: "openai/gpt-4o",
    input: 2006,
    read: 1920,
    written: 0,
    output: 300,
    reasoning: 128,
  },
  {
    provider: "anthropic",
    model: "anthropic/claude-3-5-sonnet-20241022",
    input: 1125,
    read: 1000,
    written: 100,
    output: 89,
    reasoning: 0,
  },
] as const;

const fixture = (provider: string, name: string): string =>
  readFileSync(new URL(`../../src/formats/${provider}/fixtures/${name}`, import.meta.url), "utf8");

let house: House;
before(async () => {
  house = await openHouse(ALL_PROVIDERS);
});
after(() => house.close());
beforeEach(() => house.reset());

async function assertRecorded(id: string, source: (typeof SOURCES)[number]): Promise<void> {
  const [row] = await house.gateway.logs(1, `client_request_id=${id}`);
  const usage = (row as LogRow)["token_usage"] as Record<string, Record<string, unknown>>;
  assert.equal(usage["prompt_tokens"], source.input);
  assert.equal(usage["completion_tokens"], source.output);
  assert.equal(usage["total_tokens"], source.input + source.output);
  assert.equal(usage["prompt_tokens_details"]?.["cached_read_tokens"], source.read);
  assert.equal(usage["prompt_tokens_details"]?.["cached_write_tokens"] ?? 0, source.written);
  assert.equal(usage["completion_tokens_details"]?.["reasoning_tokens"] ?? 0, source.reasoning);
}

for (const source of SOURCES)
  for (const stream of [false, true]) {
    const how = `${source.provider}'s${stream ? ", streamed" : ""}`;

    function prepare(): string {
      house[source.provider].script = stream
        ? { type: "text/event-stream", body: fixture(source.provider, "text.sse") }
        : { type: "application/json", body: fixture(source.provider, "text.json") };
      return crypto.randomUUID();
    }

    test(`OpenAI's SDK reads ${how}: cached tokens are part of the prompt, reasoning part of the completion`, async () => {
      const id = prepare();
      const { completions } = clientOf({ base: "/v1" }).chat;
      const asked = { model: source.model, messages: user("Hello!") };
      const options = { headers: { "x-request-id": id } };
      const { usage } = stream
        ? await completions.stream({ ...asked, stream_options: { include_usage: true } }, options).finalChatCompletion()
        : await completions.create(asked, options);
      assert.equal(usage?.prompt_tokens, source.input);
      assert.equal(usage?.completion_tokens, source.output);
      assert.equal(usage?.total_tokens, source.input + source.output);
      assert.equal(usage?.prompt_tokens_details?.cached_tokens, source.read);
      assert.equal(usage?.completion_tokens_details?.reasoning_tokens ?? 0, source.reasoning);
      await assertRecorded(id, source);
    });

    test(`Anthropic's SDK reads ${how}: input, read and written tokens stand apart and add up`, async () => {
      const id = prepare();
      const { messages } = anthropicClient();
      const asked = { model: source.model, max_tokens: 500, messages: question("Hello!") };
      const options = { headers: { "x-request-id": id } };
      const { usage } = stream
        ? await messages.stream(asked, options).finalMessage()
        : await messages.create(asked, options);
      assert.equal(usage.cache_read_input_tokens, source.read);
      assert.equal(usage.cache_creation_input_tokens, source.written);
      assert.equal(usage.input_tokens, source.input - source.read - source.written);
      assert.equal(usage.output_tokens, source.output);
      await assertRecorded(id, source);
    });
  }
