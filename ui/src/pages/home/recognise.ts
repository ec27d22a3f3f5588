// Whose key a pasted text may be, and with which model a first prompt goes well.
import type { ProviderType } from "./types.ts";

/** The longest known beginning decides; several providers share some. */
export interface Recognised {
  /** Empty: the beginning is not known. */
  readonly providers: readonly ProviderType[];
}

/** Providers whose keys begin like this one. Nothing is sent anywhere for it. */
export function recognise(key: string, types: readonly ProviderType[]): Recognised {
  const text = key.trim();
  let longest = 0;
  let providers: ProviderType[] = [];
  for (const type of types)
    for (const beginning of type.key_prefixes) {
      if (!text.startsWith(beginning) || beginning.length < longest) continue;
      if (beginning.length > longest) providers = [];
      longest = beginning.length;
      providers.push(type);
    }
  return { providers };
}

/** Those that one key is all they need for. */
export function takesOneKey(type: ProviderType): boolean {
  return (
    type.name !== "demo" &&
    !type.keyless &&
    type.key_fields.every(({ name, required }) => name === "value" || !required)
  );
}

/** What does not chat. */
const OTHER =
  /embed|moderation|whisper|tts|audio|realtime|image|dall-e|sora|veo|imagen|rerank|guard|transcri|search|ocr/i;
/** What providers call their small models, the more usual ones first. */
const SMALL = [/mini|haiku|flash-lite|8b|small/i, /flash|lite|nano|instant|turbo|air/i];

/** The cheap one where the provider has it, else one that sounds small, else the first that chats. Null: none is known. */
export function chooseModel(models: readonly string[], cheap: string | null): string | null {
  if (cheap !== null && (models.length === 0 || models.includes(cheap))) return cheap;
  const chatting = models.filter((model) => !OTHER.test(model));
  for (const words of SMALL) {
    const found = chatting.find((model) => words.test(model));
    if (found !== undefined) return found;
  }
  return chatting[0] ?? models[0] ?? null;
}
