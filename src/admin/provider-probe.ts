// Asks a provider with one key whether it works, and tells what came of it in words a person can act on.
import { secretsOfKey } from "../core/entities.ts";
import { CallBrokenError, fetchWhole, type WholeAnswer } from "../core/fetch-whole.ts";
import type { Upstream } from "../core/http.ts";
import { KeyTokens, NoTokenError, tokenLine } from "../core/key-tokens.ts";
import type { Operation } from "../core/operations.ts";
import type { Provider, ProviderKey } from "../core/snapshot.ts";
import { headerBlock, joinBlocks } from "../lib/header-block.ts";
import { provesKey } from "./key-shapes.ts";
import { hasList } from "./models.ts";
import { type ProbeFailure, refused, unreached, unreadable, untested, withoutToken } from "./probe-words.ts";

export interface ProbeResult {
  readonly ok: boolean;
  readonly latency_ms: number;
  /** What was asked: `models`, `chat`, or both. */
  readonly asked: readonly string[];
  /** False: the list of models is open to everybody, so that nothing is known of the key. */
  readonly key_proven: boolean;
  readonly models: readonly string[];
  readonly model_count: number;
  readonly error: ProbeFailure | null;
}

export interface ProbeOptions {
  readonly upstream: Upstream;
  /** Asked for one token where the list does not tell; null: none is. */
  readonly model: string | null;
  readonly signal: AbortSignal;
}

/** Below what the bridge waits for an answer, ms. */
const TIME_BOX = 9000;
/** Of that, for a token, ms. */
const TOKEN_BOX = 4000;
const MAX_BYTES = 16 * 1024 * 1024;
const MOST_MODELS = 200;
const JSON_LINES = headerBlock([
  ["accept", "application/json"],
  ["content-type", "application/json"],
]);

/** Never rejects for what the provider did. */
export async function probe(provider: Provider, key: ProviderKey, options: ProbeOptions): Promise<ProbeResult> {
  const run = new Probe(provider, key, options);
  return await run.result();
}

class Probe {
  readonly #provider: Provider;
  readonly #key: ProviderKey;
  readonly #options: ProbeOptions;
  readonly #from = performance.now();
  readonly #asked: string[] = [];
  readonly #tokens: KeyTokens;

  constructor(provider: Provider, key: ProviderKey, options: ProbeOptions) {
    this.#provider = provider;
    this.#key = key;
    this.#options = options;
    this.#tokens = new KeyTokens(options.upstream, Date.now, TOKEN_BOX);
  }

  async result(): Promise<ProbeResult> {
    const { model } = this.#options;
    const listed = hasList(this.#provider) ? await this.#list() : null;
    const isAnswered =
      listed !== null && "models" in listed && (model === null || provesKey(this.#provider.entity.base));
    if (isAnswered) return this.#told(listed.models, null, provesKey(this.#provider.entity.base));
    const models = listed !== null && "models" in listed ? listed.models : [];
    // a key that was refused is refused for a chat too
    if (listed !== null && "failure" in listed && (model === null || !listed.failure.isAboutList))
      return this.#told([], listed.failure.told, false);
    if (model === null) return this.#told([], untested(this.#provider.name), false);
    const failure = await this.#chat(model);
    return this.#told(models, failure, failure === null);
  }

  #told(models: readonly string[], error: ProbeFailure | null, isProven: boolean): ProbeResult {
    return {
      ok: error === null,
      latency_ms: Math.round(performance.now() - this.#from),
      asked: this.#asked,
      key_proven: isProven,
      models: models.slice(0, MOST_MODELS),
      model_count: models.length,
      error,
    };
  }

  async #list(): Promise<{ models: string[] } | { failure: { told: ProbeFailure; isAboutList: boolean } }> {
    this.#asked.push("models");
    const answer = await this.#ask("models", "", null);
    if ("what" in answer)
      return { failure: { told: answer, isAboutList: answer.status === 404 || answer.status === 405 } };
    try {
      const body: unknown = JSON.parse(answer.bytes.toString("utf8"));
      return { models: this.#provider.adapter.readModels(body).map(({ id }) => id) };
    } catch {
      return { failure: { told: unreadable(this.#provider.name, "models"), isAboutList: true } };
    }
  }

  async #chat(model: string): Promise<ProbeFailure | null> {
    this.#asked.push("chat");
    const { adapter } = this.#provider;
    const spelled = Object.hasOwn(this.#key.entity.aliases, model)
      ? (this.#key.entity.aliases[model] as string)
      : model;
    const limit = adapter.dialect === "anthropic" ? "max_tokens" : "max_completion_tokens";
    const renamed = adapter.renames(spelled).find(([from]) => from === limit)?.[1] ?? limit;
    const body = { model: spelled, messages: [{ role: "user", content: "Hi" }], [renamed]: 1 };
    const answer = await this.#ask("chat", spelled, body);
    return "what" in answer ? answer : null;
  }

  /** Null: the key needs none. */
  async #token(): Promise<string | null | NoTokenError> {
    try {
      return await this.#tokens.get(this.#provider.adapter, this.#key);
    } catch (error) {
      if (error instanceof NoTokenError) return error;
      throw error;
    }
  }

  /** A 2xx answer, or what to tell of another one. */
  async #ask(operation: Operation, model: string, body: object | null): Promise<WholeAnswer | ProbeFailure> {
    const { entity, adapter, name } = this.#provider;
    const key = this.#key;
    const override = entity.pathOverrides[operation === "models" ? "list_models" : "chat_completion"];
    const token = await this.#token();
    if (token instanceof NoTokenError) return withoutToken(name, token);
    const left = Math.max(1, Math.floor(TIME_BOX - (performance.now() - this.#from)));
    const call = {
      origin: key.origin,
      method: body === null ? "GET" : "POST",
      path: key.basePath + (override ?? adapter.path(operation, model, key.entity)),
      headers: joinBlocks(joinBlocks(key.headers, tokenLine(token)), JSON_LINES),
      body: body === null ? [] : [Buffer.from(JSON.stringify(body))],
      deadlines: { connect: left, total: left, idle: left },
      maxBytes: MAX_BYTES,
    };
    try {
      const answer = await fetchWhole(this.#options.upstream, call, [], this.#options.signal);
      if (answer.status >= 200 && answer.status < 300) return answer;
      const told = adapter.readError(answer.status, answer.bytes);
      const hint = adapter.hint(answer.status, told);
      return refused({
        provider: name,
        status: answer.status,
        hint,
        said: told.message,
        secrets: secretsOf(key, token),
      });
    } catch (error) {
      if (!(error instanceof CallBrokenError)) throw error;
      return unreached(name, error);
    }
  }
}

/** What no answer may repeat. */
function secretsOf(key: ProviderKey, token: string | null): string[] {
  const lines = joinBlocks(key.headers, tokenLine(token));
  return [...secretsOfKey(key.entity), ...lines.split("\r\n").map((line) => line.slice(line.indexOf(":") + 1).trim())];
}
