// What routing rules may ask of a simulated request: its headers and body as they were given, its limits as they are counted or assumed.
import type { Assumptions, LimitUse, RuleFacts } from "../core/decision.ts";
import type { HeaderView } from "../core/http.ts";
import { headerRecord, lastUserText, ruleParams } from "../core/rule-facts.ts";

/** A pair whose limits a rule has asked for; an empty provider = not chosen yet. */
export interface AskedPair {
  readonly provider: string;
  readonly model: string;
}

const NOT_KNOWN: LimitUse = { budget: 0, tokens: 0, requests: 0 };
const USED_UP: LimitUse = { budget: 100, tokens: 100, requests: 100 };

/**
 * The planner cannot wait: limits that it asks for and that are not known yet are noted, and the simulation is run again when
 * they are.
 */
export class SimulatedRuleFacts implements RuleFacts {
  readonly explains = true;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #params: Readonly<Record<string, unknown>>;
  readonly #body: Record<string, unknown>;
  readonly #known = new Map<string, LimitUse>();
  readonly #missing = new Map<string, AskedPair>();
  #assumed: Partial<LimitUse> = {};
  #exhausted: readonly string[] = [];

  constructor(headers: HeaderView, body: Record<string, unknown>, query: string) {
    this.#headers = headerRecord(headers.entries());
    this.#params = ruleParams(body, query);
    this.#body = body;
  }

  headers(): Readonly<Record<string, string>> {
    return this.#headers;
  }

  params(): Readonly<Record<string, unknown>> {
    return this.#params;
  }

  text(): string {
    return lastUserText(this.#body);
  }

  use(provider: string, model: string): LimitUse {
    if (this.#exhausted.includes(provider) || this.#exhausted.includes(`${provider}/${model}`)) return USED_UP;
    const name = JSON.stringify([provider, model]);
    const known = this.#known.get(name);
    if (known === undefined) this.#missing.set(name, { provider, model });
    return { ...(known ?? NOT_KNOWN), ...this.#assumed };
  }

  assume(use: Partial<LimitUse>, assumptions: Assumptions | null): void {
    this.#assumed = use;
    this.#exhausted = assumptions?.exhausted ?? [];
  }

  /** Asks for what is missing; false: nothing was. */
  async fill(read: (pairs: readonly AskedPair[]) => Promise<readonly LimitUse[]>): Promise<boolean> {
    if (this.#missing.size === 0) return false;
    const missing = [...this.#missing];
    this.#missing.clear();
    const found = await read(missing.map(([, pair]) => pair));
    for (const [index, [name]] of missing.entries()) this.#known.set(name, found[index] ?? NOT_KNOWN);
    return true;
  }
}
