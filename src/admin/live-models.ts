// Asks the configured providers which models they have; keeps the answers for a while and never waits long.
import type { ProviderEntity } from "../core/entities.ts";
import type { Upstream } from "../core/http.ts";
import { KeyTokens, NoTokenError, tokenLine } from "../core/key-tokens.ts";
import type { Provider, ProviderKey } from "../core/snapshot.ts";
import { joinBlocks } from "../lib/header-block.ts";
import { CallFailed, fetchBody } from "./fetch-body.ts";

export interface LiveModel {
  readonly id: string;
  readonly created: number | null;
  readonly ownedBy: string | null;
  readonly contextWindow: number | null;
}

/** `reason` is for everybody: without addresses and without the provider's words. */
export type Listing =
  | { readonly type: "models"; readonly models: readonly LiveModel[] }
  | { readonly type: "failed"; readonly reason: string };

export interface LiveModelsOptions {
  readonly upstream: Upstream;
  readonly now: () => number;
  /** Longest wait for one provider, ms. */
  readonly timeBox?: number;
}

interface Entry {
  readonly listing: Promise<Listing>;
  /** Unix ms. */
  until: number;
}

const TIME_BOX = 2000;
const KEEP_MODELS = 5 * 60_000;
const KEEP_FAILURE = 5_000;
/** Of one address so many keys are tried: the first may be dead. */
const KEYS_TRIED = 3;
const MAX_BYTES = 16 * 1024 * 1024;

/** One for the control plane. Lists belong to an entity: a changed provider is asked anew. */
export class LiveModels {
  readonly #upstream: Upstream;
  readonly #now: () => number;
  readonly #timeBox: number;
  readonly #tokens: KeyTokens;
  readonly #entries = new WeakMap<ProviderEntity, Entry>();

  constructor(options: LiveModelsOptions) {
    this.#upstream = options.upstream;
    this.#now = options.now;
    this.#timeBox = options.timeBox ?? TIME_BOX;
    this.#tokens = new KeyTokens(this.#upstream, this.#now, this.#timeBox);
  }

  /** What the provider offers. Never rejects; callers at the same time share one question. */
  list(provider: Provider): Promise<Listing> {
    const kept = this.#entries.get(provider.entity);
    if (kept !== undefined && kept.until > this.#now()) return kept.listing;
    const entry: Entry = { listing: this.#ask(provider), until: Number.POSITIVE_INFINITY };
    this.#entries.set(provider.entity, entry);
    void entry.listing.then((listing) => {
      entry.until = this.#now() + (listing.type === "models" ? KEEP_MODELS : KEEP_FAILURE);
    });
    return entry.listing;
  }

  /** Asks again whatever is kept, unless the question is under way; later callers get the new answer. */
  refresh(provider: Provider): Promise<Listing> {
    const kept = this.#entries.get(provider.entity);
    if (kept?.until !== Number.POSITIVE_INFINITY) this.#entries.delete(provider.entity);
    return this.list(provider);
  }

  /** What this key alone is told; the list of the whole provider is asked for anew by its next reader. */
  refreshKey(provider: Provider, key: ProviderKey): Promise<Listing> {
    this.#entries.delete(provider.entity);
    return this.#askPlace(provider, [key], performance.now() + this.#timeBox);
  }

  async #ask(provider: Provider): Promise<Listing> {
    const places = keysByPlace(provider);
    if (places.length === 0) return { type: "failed", reason: "no key is switched on" };
    const deadline = performance.now() + this.#timeBox;
    const answers = await Promise.all(places.map((keys) => this.#askPlace(provider, keys, deadline)));
    const models = new Map<string, LiveModel>();
    let failure = "";
    for (const answer of answers) {
      if (answer.type === "failed") failure = answer.reason;
      else for (const model of answer.models) if (!models.has(model.id)) models.set(model.id, model);
    }
    const hasAnswer = answers.some((answer) => answer.type === "models");
    return hasAnswer ? { type: "models", models: [...models.values()] } : { type: "failed", reason: failure };
  }

  /** The keys of one address one after another, until one is answered. */
  async #askPlace(provider: Provider, keys: readonly ProviderKey[], deadline: number): Promise<Listing> {
    let reason = "it did not answer in time";
    for (const key of keys.slice(0, KEYS_TRIED)) {
      try {
        const token = await this.#tokens.get(provider.adapter, key);
        const left = Math.floor(deadline - performance.now());
        if (left <= 0) break;
        const path = provider.entity.pathOverrides["list_models"] ?? provider.adapter.path("models", "", key.entity);
        const body = await fetchBody(this.#upstream, {
          origin: key.origin,
          path: key.basePath + path,
          headers: joinBlocks(key.headers, tokenLine(token)),
          timeout: left,
          maxBytes: MAX_BYTES,
        });
        return { type: "models", models: provider.adapter.readModels(JSON.parse(body.toString("utf8"))) };
      } catch (error) {
        reason =
          error instanceof CallFailed || error instanceof NoTokenError
            ? error.message
            : "its answer is no list of models";
      }
    }
    return { type: "failed", reason };
  }
}

/** Enabled keys, those that share an address together: two deployments of one provider have different models. */
function keysByPlace(provider: Provider): ProviderKey[][] {
  const places = new Map<string, ProviderKey[]>();
  for (const key of provider.keys) {
    if (!key.enabled) continue;
    const place = key.origin.url + key.basePath;
    const others = places.get(place);
    if (others === undefined) places.set(place, [key]);
    else others.push(key);
  }
  return [...places.values()];
}
