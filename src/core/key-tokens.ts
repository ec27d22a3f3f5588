// Tokens that keys of clouds are traded for: got through the outbound door, kept while they hold, renewed before they end.

import { headerBlock } from "../lib/header-block.ts";
import type { KeyEntity } from "./entities.ts";
import { CallBrokenError, fetchWhole } from "./fetch-whole.ts";
import { InvalidAnswerError } from "./formats.ts";
import type { HeaderBlock, OriginSettings, Upstream } from "./http.ts";
import type { ProviderAdapter, TokenCall } from "./provider.ts";
import type { ProviderKey } from "./snapshot.ts";

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

/** The tokens of one thread, by key. An entity that has changed is another key. */
export class KeyTokens {
  readonly #upstream: Upstream;
  readonly #now: () => number;
  readonly #timeout: number;
  readonly #kept = new WeakMap<KeyEntity, Kept>();

  /** `now`: Unix ms; `timeout`: ms for one call. */
  constructor(upstream: Upstream, now: () => number, timeout: number = TIMEOUT) {
    this.#upstream = upstream;
    this.#now = now;
    this.#timeout = timeout;
  }

  /** Null: the key needs none. A promise only where it must be asked for first; it rejects with NoTokenError. */
  get(adapter: ProviderAdapter, key: ProviderKey): string | null | Promise<string> {
    if (adapter.tokenCall === undefined) return null;
    const kept = this.#kept.get(key.entity) ?? this.#begin(key.entity);
    const now = this.#now();
    const left = kept.until - now;
    if (left > RENEW_BEFORE) return kept.token;
    const call = adapter.tokenCall(key.entity);
    if (call === null) return null;
    const rests = kept.failure !== null && now - kept.failedAt < REST;
    if (left > NEEDED) {
      // whoever needs the new one is told if it does not come
      if (kept.asked === null && !rests) this.#ask(call, key, kept).catch(() => {});
      return kept.token;
    }
    if (kept.asked !== null) return kept.asked;
    return rests ? Promise.reject(kept.failure) : this.#ask(call, key, kept);
  }

  /** The provider did not take it: the next request gets another one. */
  refused(key: ProviderKey): void {
    const kept = this.#kept.get(key.entity);
    if (kept !== undefined) kept.until = 0;
  }

  #begin(entity: KeyEntity): Kept {
    const kept: Kept = { token: "", until: 0, asked: null, failure: null, failedAt: 0 };
    this.#kept.set(entity, kept);
    return kept;
  }

  #ask(call: TokenCall, key: ProviderKey, kept: Kept): Promise<string> {
    kept.asked = this.#fetch(call, key.origin).then(
      ({ token, lifetime }) => {
        Object.assign(kept, { token, until: this.#now() + lifetime, asked: null, failure: null });
        return token;
      },
      (error: unknown) => {
        const failure = asFailure(error);
        Object.assign(kept, { asked: null, failure, failedAt: this.#now() });
        throw failure;
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
      deadlines: { connect: this.#timeout, total: this.#timeout, idle: 0 },
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

/** The header line of a token; empty for none. */
export function tokenLine(token: string | null): HeaderBlock {
  return (token === null ? "" : `authorization: Bearer ${token}\r\n`) as HeaderBlock;
}
