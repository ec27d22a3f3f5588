// Errors as OpenAI's Node SDK sees them: the providers' own, passed on or worded in its dialect, and the gateway's.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  type OpenAI,
  PermissionDeniedError,
  RateLimitError,
  UnprocessableEntityError,
} from "openai";
import { ALL_PROVIDERS } from "./support/all-providers.ts";
import { type House, openHouse } from "./support/house.ts";
import { clientOf, user, WAYS } from "./support/openai-ways.ts";

type Kind = abstract new (...args: never[]) => APIError;

const KINDS: readonly (readonly [status: number, kind: Kind])[] = [
  [400, BadRequestError],
  [401, AuthenticationError],
  [403, PermissionDeniedError],
  [404, NotFoundError],
  [422, UnprocessableEntityError],
  [429, RateLimitError],
  [500, InternalServerError],
  [503, InternalServerError],
];

let house: House;
before(async () => {
  house = await openHouse(ALL_PROVIDERS);
});
after(() => house.close());
beforeEach(() => house.reset());

/** Type, code and param as the provider told them. */
function assertSame(error: APIError, answer: string): void {
  const told = (JSON.parse(answer) as { error: Record<string, unknown> }).error;
  assert.deepEqual([error.type, error.code, error.param], [told["type"], told["code"], told["param"]]);
}

for (const way of WAYS)
  describe(way.name, () => {
    const { completions } = clientOf(way).chat;
    // By name: a bare model would go where no key rests after the error before.
    const model = way.model.includes("/") ? way.model : `openai/${way.model}`;
    for (const [status, kind] of KINDS)
      for (const stream of [false, true])
        test(`the provider's ${status} is a ${kind.name}${stream ? ", also for a stream" : ""}`, async () => {
          const call = completions.create({ model, messages: user(`please fail with ${status}`), stream });
          await assert.rejects(
            async () => call,
            (error) => {
              assert.ok(error instanceof kind, String(error));
              assert.equal(error.status, status);
              assert.ok(error.message.includes(`The mock failed with ${status}.`), error.message);
              assert.ok(typeof error.type === "string" && error.type !== "");
              if (way.player !== "anthropic") assertSame(error, house[way.player].last().answer);
              return true;
            },
          );
          assert.equal(house.calls().length, 1);
        });
  });

test("a throttled answer says when to come back, and the SDK does", async () => {
  house.openai.fault = () => (house.openai.calls.length === 1 ? "status-429-retry-after-1" : null);
  const started = performance.now();
  const patient = clientOf({ base: "/v1" }).withOptions({ maxRetries: 1 });
  const answer = await patient.chat.completions.create({ model: "openai/gpt-4o", messages: user("Hello!") });
  assert.equal(answer.object, "chat.completion");
  assert.equal(house.openai.calls.length, 2);
  assert.ok(performance.now() - started >= 950, "it came back before Retry-After");
});

test("a stream that breaks after content raises an error and never ends well", async () => {
  for (const model of ["openai/gpt-4o", "anthropic/claude-3-5-sonnet-20241022"])
    for (const fault of ["break-mid-stream", "error-event-mid-stream", "end-mid-stream"]) {
      house.reset();
      house.openai.fault = () => fault;
      house.anthropic.fault = () => fault;
      let text = "";
      const reasons: unknown[] = [];
      const read = async (): Promise<void> => {
        const { completions } = clientOf({ base: "/v1" }).chat;
        const stream = await completions.create({ model, messages: user("Tell a story."), stream: true });
        for await (const chunk of stream) {
          text += chunk.choices[0]?.delta.content ?? "";
          if (typeof chunk.choices[0]?.finish_reason === "string") reasons.push(chunk.choices[0].finish_reason);
        }
      };
      await assert.rejects(read, (error) => error instanceof APIError, `${model}, ${fault}`);
      assert.ok(text.length > 0, `${model}, ${fault}: no content before it`);
      assert.deepEqual(reasons, [], `${model}, ${fault}`);
    }
});

describe("the gateway's own refusals", () => {
  const { completions } = clientOf({ base: "/v1" }).chat;

  async function refused(body: Record<string, unknown>, kind: Kind, param: string): Promise<string> {
    let message = "";
    await assert.rejects(
      async () => completions.create(body as unknown as OpenAI.ChatCompletionCreateParamsNonStreaming),
      (error) => {
        assert.ok(error instanceof kind, String(error));
        assert.equal((error as APIError).param, param);
        ({ message } = error);
        return true;
      },
    );
    assert.equal(house.calls().length, 0);
    return message;
  }

  for (const [what, body, kind, param, words] of [
    ["no model", { messages: user("Hi") }, BadRequestError, "model", /model/],
    ["no messages", { model: "openai/gpt-4o" }, BadRequestError, "messages", /messages/],
    ["messages of a wrong type", { model: "openai/gpt-4o", messages: "Hi" }, BadRequestError, "messages", /messages/],
    [
      "a provider that is not configured",
      { model: "groq/llama", messages: user("Hi") },
      NotFoundError,
      "model",
      /groq/,
    ],
    [
      "a model that nobody offers: the nearest are named",
      { model: "gpt-4o-minni", messages: user("Hi") },
      NotFoundError,
      "model",
      /gpt-4o-mini/,
    ],
    [
      "a fallback that is none",
      { model: "openai/gpt-4o", messages: user("Hi"), fallbacks: [7] },
      BadRequestError,
      "fallbacks[0]",
      /fallbacks/,
    ],
  ] as const)
    test(what, async () => assert.match(await refused(body, kind, param), words));
});
