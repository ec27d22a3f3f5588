// Tokens that keys of clouds are traded for: got through the outbound door, kept while they hold, renewed before they end.
import type { KeyEntity } from "../core/entities.ts";
import { CallBrokenError, fetchWhole } from "../core/fetch-whole.ts";
import { InvalidAnswerError } from "../core/formats.ts";
import type { OriginSettings, Upstream } from "../core/http.ts";
import type { ProviderAdapter, TokenCall } from "../core/provider.ts";
import type { ProviderKey } from "../core/snapshot.ts";
import { headerBlock } from "../lib/header-block.ts";

/** A token is renewed behind the requests that use it when less than this is left, ms. */
const RENEW_BEFORE = 300_000;
/** And waited for when less than this is left. */
const NEEDED = 30_000;
/** After a refusal nobody asks again for so long, ms: thousands of requests would ask at once. */
const REST = 5000;
const TIMEOUT = 10_000;
const MAX_BYTES = 64 * 1024;

/** Why there is no token. Holds no secret. `isRefused`: the key is not good; else the giver of tokens could not be asked. */
export class NoTokenError extends Error {
  readonly isRefused: boolean;
  constructor(message: string, isRefused: boolean) {
    super(message);
    this.name = "NoTokenError";
    this.isRefused = isRefused;
  }
}

interface Kept {
  token: string;
  /** Unix ms; 0: there is none yet. */
  until: number;
  asked: Promise<string> | null;
  failure: NoTokenError | null;
  failedAt: number;
}

/** The tokens of one process, by key. An entity that has changed is another key. */
export class Tokens {
  readonly #upstream: Upstream;
  readonly #now: () => number;
  readonly #kept = new WeakMap<KeyEntity, Kept>();

  constructor(upstream: Upstream, now: () => number) {
    this.#upstream = upstream;
    this.#now = now;
  }

  /** Null: the key needs none. A promise only where it must be asked for first; it rejects with NoTokenError. */
  get(adapter: ProviderAdapter, key: ProviderKey): string | null | Promise<string> {
    if (adapter.tokenCall === undefined) return null;
    const now = this.#now();
    const kept = this.#kept.get(key.entity);
    if (kept !== undefined && kept.until - now > NEEDED) {
      if (kept.until - now < RENEW_BEFORE && kept.asked === null) this.#ask(adapter, key, kept).catch(() => {});
      return kept.token;
    }
    if (kept?.asked != null) return kept.asked;
    if (kept?.failure != null && now - kept.failedAt < REST) return Promise.reject(kept.failure);
    return this.#first(adapter, key, kept, now);
  }

  #first(adapter: ProviderAdapter, key: ProviderKey, known: Kept | undefined, now: number): null | Promise<string> {
    let call: TokenCall | null;
    try {
      call = adapter.tokenCall?.(key.entity, now) ?? null;
    } catch (error) {
      return Promise.reject(new NoTokenError(error instanceof Error ? error.message : "no token can be had", true));
    }
    if (call === null) return null;
    const kept = known ?? { token: "", until: 0, asked: null, failure: null, failedAt: 0 };
    this.#kept.set(key.entity, kept);
    return this.#send(call, key, kept);
  }

  async #ask(adapter: ProviderAdapter, key: ProviderKey, kept: Kept): Promise<string> {
    const call = adapter.tokenCall?.(key.entity, this.#now()) ?? null;
    return call === null ? "" : this.#send(call, key, kept);
  }

  #send(call: TokenCall, key: ProviderKey, kept: Kept): Promise<string> {
    kept.asked = this.#fetch(call, key.origin).then(
      ({ token, lifetime }) => {
        kept.token = token;
        kept.until = this.#now() + lifetime;
        kept.asked = null;
        kept.failure = null;
        return token;
      },
      (error: unknown) => {
        kept.asked = null;
        kept.failure = asFailure(error);
        kept.failedAt = this.#now();
        throw kept.failure;
      },
    );
    return kept.asked;
  }

  async #fetch(call: TokenCall, near: OriginSettings): Promise<{ readonly token: string; readonly lifetime: number }> {
    const url = new URL(call.url);
    const answer = await fetchWhole(this.#upstream, {
      origin: { ...near, url: url.origin, maxConnections: 2 },
      method: "POST",
      path: url.pathname + url.search,
      headers: headerBlock(call.headers),
      body: [Buffer.from(call.body)],
      deadlines: { connect: TIMEOUT, total: TIMEOUT, idle: 0 },
      maxBytes: MAX_BYTES,
    });
    if (answer.status < 200 || answer.status >= 300)
      throw new NoTokenError(
        `the giver of its tokens answered with ${answer.status}`,
        answer.status < 500 && answer.status !== 429,
      );
    return call.read(JSON.parse(answer.bytes.toString("utf8")));
  }
}

function asFailure(error: unknown): NoTokenError {
  if (error instanceof NoTokenError) return error;
  if (error instanceof CallBrokenError) return new NoTokenError(`no token could be had: ${error.message}`, false);
  const words = error instanceof InvalidAnswerError ? error.message : "the answer was no token";
  return new NoTokenError(`no token could be had: ${words}`, false);
}
