// What the API is told about a body: by the path of the member, and only about what was sent.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject } from "../../core/config-store.ts";
import { GatewayError } from "../../core/errors.ts";
import { testBook } from "./fixtures/house.ts";

async function refusal(work: Promise<unknown>): Promise<[string, string | undefined]> {
  const error: unknown = await work.catch((caught: unknown) => caught);
  assert.ok(error instanceof GatewayError, String(error));
  return [error.message.replace(/ \(.*/s, ""), error.param];
}

describe("a limit that is wrong is named by its path", () => {
  for (const [body, path, text] of [
    [{ budgets: [{ max_limit: 1 }, { max_limit: -1 }] }, "budgets[1].max_limit", "is out of range"],
    [{ budgets: [{ max_limit: 1, reset_duration: "1q" }] }, "budgets[0].reset_duration", "is not a duration"],
    [{ budgets: [{ max_limit: 1, last_reset: "soon" }] }, "budgets[0].last_reset", "is not a time"],
    [{ budgets: [{ reset_duration: "1d" }] }, "budgets[0].max_limit", "is missing"],
    [{ rate_limit: { token_max_limit: 5 } }, "rate_limit.token_max_limit", "needs token_reset_duration"],
    [
      { provider_configs: [{ provider: "demo", budgets: [{ max_limit: 1, reset_duration: "x" }] }] },
      "provider_configs[0].budgets[0].reset_duration",
      "is not a duration",
    ],
  ] as [JsonObject, string, string][])
    it(`${path} ${text}`, async () => {
      const { book } = await testBook();
      assert.deepEqual(await refusal(book.createVirtualKey({ name: "tenant", ...body })), [`${path} ${text}`, path]);
    });
});

describe("a key that is sent alone", () => {
  const first = { name: "first", value: "env.NOT_SET_HERE" };

  it("is answered with what was found about it, not about the others", async () => {
    const { book } = await testBook();
    const { warnings: both } = await book.createProvider("openai", { keys: [first] });
    assert.match(both.join(), /NOT_SET_HERE/);
    assert.deepEqual((await book.createKey("openai", { name: "second", value: "sk-second-0123456789" })).warnings, []);
    const { warnings } = await book.createKey("openai", { name: "third", value: "env.NOT_SET_EITHER" });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /NOT_SET_EITHER/);
    assert.doesNotMatch(warnings[0]!, /keys\[/);
  });

  it("is refused by the paths of its own body", async () => {
    const { book } = await testBook();
    await book.createProvider("openai", { keys: [first] });
    const [message, param] = await refusal(book.createKey("openai", { name: "second", value: "sk-1", weight: "much" }));
    assert.deepEqual([message, param], ["weight has the wrong type", "weight"]);
  });
});
