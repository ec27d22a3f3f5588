// What routing rules may ask of a live request; nothing of it is made before a rule asks.
import type { LimitUse, RuleFacts } from "../core/decision.ts";
import type { Exchange } from "../core/exchange.ts";
import { CONTENT_MEMBERS, headerRecord, LONGEST_PARAM, ruleParams, textOf } from "../core/rule-facts.ts";
import type { Governor } from "../governance/governor.ts";
import { smallMembers } from "../lib/json-members.ts";

/** A longer message is not read as JSON: its two ends are enough. */
const LONG_MESSAGE = 256 * 1024;
const END = 16 * 1024;

export class LiveRuleFacts implements RuleFacts {
  readonly #exchange: Exchange;
  readonly #governor: Governor;
  #headers: Readonly<Record<string, string>> | null = null;
  #params: Readonly<Record<string, unknown>> | null = null;

  constructor(exchange: Exchange, governor: Governor) {
    this.#exchange = exchange;
    this.#governor = governor;
  }

  headers(): Readonly<Record<string, string>> {
    return (this.#headers ??= headerRecord(this.#exchange.request.headers.entries()));
  }

  params(): Readonly<Record<string, unknown>> {
    const { body, query } = this.#exchange.request;
    return (this.#params ??= ruleParams(
      smallMembers(body.bytes, { without: CONTENT_MEMBERS, longest: LONGEST_PARAM }),
      query,
    ));
  }

  text(): string {
    const { inputFrom: from, inputTo: to, request } = this.#exchange;
    if (from < 0 || to <= from) return "";
    const { bytes } = request.body;
    if (to - from > LONG_MESSAGE)
      return `${bytes.toString("utf8", from, from + END)}\n${bytes.toString("utf8", to - END, to)}`;
    const text = bytes.toString("utf8", from, to);
    try {
      return textOf(JSON.parse(text));
    } catch {
      return text;
    }
  }

  use(provider: string, model: string): LimitUse {
    return this.#governor.useOf(this.#exchange, provider, model);
  }
}
