// Errors as Anthropic's Node SDK sees them: the provider's own, those of OpenAI worded in its dialect, and the gateway's.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import Anthropic, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  UnprocessableEntityError,
} from "@anthropic-ai/sdk";
import { ALL_PROVIDERS } from "./support/all-providers.ts";
import { ANTHROPIC_WAYS, anthropicClient, question } from "./support/anthropic-ways.ts";
import { BASE, type House, openHouse } from "./support/house.ts";
import { HELLO } from "./support/repertoire.ts";

type Kind = abstract new (...args: never[]) => APIError;

/** Status, class, and the type in the body; 503 is worded anew for callers of a provider that says it in OpenAI's way. */
const KINDS: readonly (readonly [status: number, kind: Kind, type: string])[] = [
  [400, BadRequestError, "invalid_request_error"],
  [401, AuthenticationError, "authentication_error"],
  [403, PermissionDeniedError, "permission_error"],
  [404, NotFoundError, "not_found_error"],
  [422, UnprocessableEntityError, "invalid_request_error"],
  [429, RateLimitError, "rate_limit_error"],
  [500, InternalServerError, "api_error"],
];

let house: House;
before(async () => {
  house = await openHouse(ALL_PROVIDERS);
});
after(() => house.close());
beforeEach(() => house.reset());

for (const way of ANTHROPIC_WAYS.filter((one) => one.model.includes("/")))
  describe(way.name, () => {
    const { messages } = anthropicClient();
    for (const [status, kind, type] of KINDS)
      for (const stream of [false, true])
        test(`the provider's ${status} is a ${kind.name}${stream ? ", also for a stream" : ""}`, async () => {
          const asked = { model: way.model, max_tokens: 50, messages: question(`please fail with ${status}`), stream };
          await assert.rejects(
            async () => messages.create(asked),
            (error) => {
              assert.ok(error instanceof kind, String(error));
              assert.equal(error.status, status);
              const body = error.error as { type: string; error: { type: string; message: string } };
              assert.equal(body.type, "error");
              assert.equal(body.error.type, type);
              assert.ok(body.error.message.includes(`The mock failed with ${status}.`), body.error.message);
              if (way.player === "anthropic") assert.deepEqual(body, JSON.parse(house.anthropic.last().answer));
              return true;
            },
          );
          assert.equal(house.calls().length, 1);
        });

    test("an overloaded provider is a server error that the SDK repeats", async () => {
      house[way.player].fault = () => (house[way.player].calls.length === 1 ? "overloaded" : null);
      const asked = { model: way.model, max_tokens: 50, messages: question("Hello!") };
      await assert.rejects(async () => messages.create(asked), InternalServerError);
      house.reset();
      house[way.player].fault = () => (house[way.player].calls.length === 1 ? "overloaded" : null);
      const patient = anthropicClient().withOptions({ maxRetries: 2 });
      const answer = await patient.messages.create(asked);
      assert.equal(answer.content[0]?.type === "text" && answer.content[0].text, HELLO);
      assert.equal(house[way.player].calls.length, 2);
    });

    test("a stream that breaks after content raises an error and never ends well", async () => {
      for (const fault of ["break-mid-stream", "error-event-mid-stream", "end-mid-stream"]) {
        house[way.player].fault = () => fault;
        let text = "";
        let stopped = false;
        const read = async (): Promise<void> => {
          const asked = {
            model: way.model,
            max_tokens: 50,
            messages: question("Tell a story."),
            stream: true,
          } as const;
          for await (const event of await messages.create(asked)) {
            if (event.type === "content_block_delta" && event.delta.type === "text_delta") text += event.delta.text;
            if (event.type === "message_stop" || event.type === "message_delta") stopped = true;
          }
        };
        await assert.rejects(read, (error) => error instanceof APIError, fault);
        assert.ok(text.length > 0, `${fault}: no content before it`);
        assert.equal(stopped, false, fault);
      }
    });
  });

describe("the gateway's own refusals", () => {
  for (const [what, body, kind, type, words] of [
    ["no model", { max_tokens: 5, messages: question("Hi") }, BadRequestError, "invalid_request_error", /model/],
    ["no messages", { model: "anthropic/x", max_tokens: 5 }, BadRequestError, "invalid_request_error", /messages/],
    [
      "a provider that is not configured",
      { model: "groq/llama", max_tokens: 5, messages: question("Hi") },
      NotFoundError,
      "not_found_error",
      /groq/,
    ],
  ] as const)
    test(what, async () => {
      await assert.rejects(
        async () => anthropicClient().messages.create(body as unknown as Anthropic.MessageCreateParamsNonStreaming),
        (error) => {
          assert.ok(error instanceof (kind as Kind), String(error));
          const told = error.error as { type: string; error: { type: string; message: string } };
          assert.deepEqual([told.type, told.error.type], ["error", type]);
          assert.match(told.error.message, words);
          return true;
        },
      );
      assert.equal(house.calls().length, 0);
    });

  test("an unknown virtual key is an AuthenticationError", async () => {
    const client = new Anthropic({ apiKey: "sk-bf-unknown", baseURL: `${BASE}/anthropic`, maxRetries: 0 });
    const call = client.messages.create({ model: "anthropic/x", max_tokens: 5, messages: question("Hi") });
    await assert.rejects(call, AuthenticationError);
  });

  test("a request's id is the SDK's request id", async () => {
    const client = anthropicClient();
    const options = { headers: { "x-request-id": "my-own-id" } };
    const asked = { model: "anthropic/claude-3-5-sonnet-20241022", max_tokens: 5, messages: question("Hello!") };
    const { request_id: id } = await client.messages.create(asked, options).withResponse();
    assert.equal(id, "my-own-id");
    const failed = client.messages.create(
      { model: "groq/llama", max_tokens: 5, messages: question("Hi") },
      { headers: { "x-request-id": "my-other-id" } },
    );
    await assert.rejects(failed, (error) => error instanceof NotFoundError && error.requestID === "my-other-id");
  });

  test("a model that nobody knows is the route's own provider's to judge: it may be new", async () => {
    await anthropicClient().messages.create({ model: "claude-of-tomorrow", max_tokens: 5, messages: question("Hi") });
    assert.equal(house.anthropic.last().json.model, "claude-of-tomorrow");
  });
});
