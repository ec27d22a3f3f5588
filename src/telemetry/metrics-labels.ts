// Which label sets there are: found by a cheap key, made at first use, and bounded whatever callers send.
import type { Attempt, Exchange } from "../core/exchange.ts";
import { requestType } from "../core/operations.ts";

/** The value of a label when there would be too many. */
export const OTHER = "other";

/** Things found by key, at most so many; beyond them all keys of a kind share one. */
export class BoundedSets<T> {
  readonly #sets = new Map<string, T>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): T | undefined {
    return this.#sets.get(key);
  }

  /** True when another one may be made; else the one kept under an overflow key is to be used. */
  get hasRoom(): boolean {
    return this.#sets.size < this.#limit;
  }

  set(key: string, value: T): T {
    this.#sets.set(key, value);
    return value;
  }
}

const MAX_MODELS = 2000;
const MAX_PATHS = 64;

/**
 * Which models may be label values. A model that only a caller has named may be anything, and a new one a request:
 * it gets a series of its own once it has answered, or when the configuration names it.
 */
export class KnownModels {
  readonly #known = new Set<string>();

  label(exchange: Exchange, attempt: Attempt): string {
    const { model } = attempt;
    if (this.#known.has(model)) return model;
    if (this.#known.size >= MAX_MODELS) return OTHER;
    if (attempt.outcome !== "" && !isConfigured(exchange, attempt)) return OTHER;
    this.#known.add(model);
    return model;
  }
}

function isConfigured(exchange: Exchange, attempt: Attempt): boolean {
  const { model } = attempt;
  const provider = exchange.snapshot.providers.get(attempt.provider);
  if (provider?.models.has(model)) return true;
  if (provider?.keys.some((key) => key.models?.has(model) || Object.values(key.entity.aliases).includes(model)))
    return true;
  return exchange.virtualKey?.providers?.some((scope) => scope.allowed?.has(model)) ?? false;
}

/** Paths as they were sent, for as long as there are few: routes with names in them must be told by their route. */
export class KnownPaths {
  readonly #known = new Set<string>();

  label(path: string): string {
    if (this.#known.has(path)) return path;
    if (this.#known.size >= MAX_PATHS) return OTHER;
    this.#known.add(path);
    return path;
  }
}

/** The labels of a target's series, in the order of the definitions. */
export function targetLabels(exchange: Exchange, attempt: Attempt, model: string): string[] {
  const { virtualKey, decision } = exchange;
  return [
    attempt.provider,
    model,
    model === OTHER ? "" : aliasOf(exchange, attempt),
    requestType(exchange.endpoint.operation, exchange.stream),
    virtualKey === null ? "" : virtualKey.id,
    virtualKey === null ? "" : virtualKey.name,
    decision === null || decision.engine === "explicit" ? "" : decision.engine,
    attempt.keyId,
    attempt.keyName,
    String(attempt.fallbackIndex),
  ];
}

/** The model as it was asked for, where the key spells it in another way. */
export function aliasOf(exchange: Exchange, attempt: Attempt): string {
  const asked = exchange.decision?.order[attempt.fallbackIndex]?.askedModel;
  return asked === undefined || asked === attempt.model ? "" : asked;
}
