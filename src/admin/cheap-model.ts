// Chooses a sensible model for a first prompt: the cheapest that chats, has a real price and is no preview.
import type { CatalogueEntity } from "../core/entities.ts";
import type { ProviderAdapter } from "../core/provider.ts";
import type { PriceLookup } from "./prices-port.ts";

/** What does not chat, or is no model to begin with. */
const OTHER =
  /preview|beta|exp(?:erimental)?\b|embed|moderation|whisper|tts|audio|realtime|image|dall-e|sora|veo|video|rerank|guard|instruct|search|transcribe|codex|computer-use|ocr|vision-only|deep-research|base\b|ft:|:free|latest-legacy|^(?:ada|babbage|curie|davinci)/i;
/** A request has more to read than to say: so much is an answer worth of its question. */
const ANSWER = 0.5;

/** Open weights of a maker that its own API does not serve: price lists name them all the same. */
const ELSEWHERE: Readonly<Record<string, RegExp>> = { openai: /^gpt-oss/ };

/** Null where none is known. The demo answers by names of its own. */
export function cheapModel(
  adapter: ProviderAdapter,
  catalogue: readonly CatalogueEntity[],
  lookup: PriceLookup,
): string | null {
  if (adapter.name === "demo") return "echo";
  const models = catalogue.find(({ provider }) => provider === adapter.name)?.models ?? [];
  let best: { readonly id: string; readonly price: number } | null = null;
  for (const { id, contextWindow } of models) {
    // one without a known window is old, or no model that chats
    if (OTHER.test(id) || ELSEWHERE[adapter.name]?.test(id) === true || contextWindow === null || contextWindow < 8000)
      continue;
    const price = priceOf(adapter.name, id, lookup);
    if (price !== null && (best === null || price < best.price)) best = { id, price };
  }
  return best?.id ?? null;
}

function priceOf(provider: string, model: string, lookup: PriceLookup): number | null {
  const price = lookup({
    provider,
    base: provider,
    model,
    askedModel: model,
    modelName: null,
    providerKeyId: "",
    providerKeyName: "",
    virtualKeyId: null,
    requestType: "chat_completion",
  });
  const [input, output] = [price?.rates["input"] ?? 0, price?.rates["output"] ?? 0];
  return input > 0 && output > 0 ? input + ANSWER * output : null;
}
