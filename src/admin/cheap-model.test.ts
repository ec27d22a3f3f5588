// The model of a first prompt: cheap, chatting, and really served by the provider.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CatalogueEntity } from "../core/entities.ts";
import { registry } from "../providers/registry.ts";
import { cheapModel } from "./cheap-model.ts";
import type { PriceLookup } from "./prices-port.ts";

const PRICES: Readonly<Record<string, number>> = { "gpt-oss-20b": 1, "gpt-5-nano": 3, "gpt-4o": 30, "tts-1": 1 };
const lookup = (({ model }: { readonly model: string }) => {
  const input = PRICES[model];
  return input === undefined ? null : { rates: { input, output: input } };
}) as unknown as PriceLookup;

function cheapOf(provider: string): string | null {
  const models = [...Object.keys(PRICES), "unpriced"].map((id) => ({ id, contextWindow: 128_000 }));
  const adapter = registry.get(provider);
  assert.ok(adapter !== undefined);
  return cheapModel(adapter, [{ provider, models } as unknown as CatalogueEntity], lookup);
}

test("the cheapest that chats and has a price is chosen", () => {
  assert.equal(cheapOf("groq"), "gpt-oss-20b");
});

test("open weights of OpenAI are no model of OpenAI's own API", () => {
  assert.equal(cheapOf("openai"), "gpt-5-nano");
});

test("nothing is made up where no price is known, and the demo has a name of its own", () => {
  const groq = registry.get("groq");
  const demo = registry.get("demo");
  assert.ok(groq !== undefined && demo !== undefined);
  assert.equal(cheapModel(groq, [], lookup), null);
  assert.equal(cheapModel(demo, [], lookup), "echo");
});
