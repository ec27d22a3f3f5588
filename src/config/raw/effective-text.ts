// The configuration in force as the text of a config.json, for a gateway without one.
import type { ConfigStore, EntryKind, JsonObject, JsonValue, StoredEntry } from "../../core/config-store.ts";
import { isOwnBlock } from "../book/blocks.ts";
import { GOVERNANCE_KINDS, GOVERNANCE_LISTS } from "../book/owner-entries.ts";
import { withTexts } from "../book/pointers.ts";

/** More virtual keys are no text for people: they are left out, and stay as they are. */
const MOST_KEYS = 1000;

export interface EffectiveText {
  /** Secrets in clear. */
  readonly text: string;
  readonly leftOut: boolean;
}

/** Of what is stored; what the environment brings along is not in it. */
export async function effectiveText(store: ConfigStore): Promise<EffectiveText> {
  const blocks: Record<string, JsonValue> = {};
  for (const entry of await entriesOf(store, "block"))
    if (!isOwnBlock(entry.id) && !entry.id.startsWith("$")) blocks[entry.id] = wholeOf(entry);
  const providers = await providersOf(store);
  const governance = await governanceOf(store);
  const { governance: options, ...others } = blocks;
  const all = { ...((options ?? {}) as JsonObject), ...governance.lists };
  const content = {
    version: 2,
    ...others,
    ...(Object.keys(providers).length === 0 ? {} : { providers }),
    ...(Object.keys(all).length === 0 ? {} : { governance: all }),
  };
  return { text: `${JSON.stringify(content, null, 2)}\n`, leftOut: governance.leftOut };
}

async function providersOf(store: ConfigStore): Promise<JsonObject> {
  const keys = await entriesOf(store, "provider-key");
  const providers: Record<string, JsonValue> = {};
  for (const entry of await entriesOf(store, "provider")) {
    const own = keys.filter(({ owner }) => owner === entry.id).map(wholeOf);
    providers[entry.id] = { ...wholeOf(entry), keys: own };
  }
  return providers;
}

async function governanceOf(store: ConfigStore): Promise<{ lists: JsonObject; leftOut: boolean }> {
  const lists: Record<string, JsonValue> = {};
  for (const kind of GOVERNANCE_KINDS) {
    const entries = await entriesOf(store, kind);
    if (entries.length > 0) lists[GOVERNANCE_LISTS[kind]] = entries.map(wholeOf);
  }
  const leftOut = (await store.count("virtual-key")) > MOST_KEYS;
  if (leftOut) return { lists, leftOut };
  const keys = await entriesOf(store, "virtual-key");
  if (keys.length > 0) lists["virtual_keys"] = keys.map(wholeOf);
  return { lists, leftOut };
}

async function entriesOf(store: ConfigStore, kind: EntryKind): Promise<StoredEntry[]> {
  const found: StoredEntry[] = [];
  await store.each(kind, (entry) => {
    if (!entry.deleted) found.push(entry);
  });
  return found;
}

function wholeOf({ body, secrets }: StoredEntry): JsonObject {
  return withTexts(body, secrets);
}
