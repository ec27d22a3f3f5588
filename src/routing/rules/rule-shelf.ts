// Finds those of many rules that may match a request: by what their expressions demand, so that the others are not even asked.
import type { RoutingRuleEntity } from "../../core/entities.ts";
import { compiledRule } from "./compiled-rule.ts";
import type { RuleVariables } from "./expression.ts";

type Rules = readonly RoutingRuleEntity[];

/** Lists up to here are asked one by one: each rule then tells why it did not match. */
export const SHORT_LIST = 32;

/** The rules of a long list, by one thing that each of them demands. */
class RuleShelf {
  readonly #list: Rules;
  /** Places of rules that demand nothing that could be looked up. */
  readonly #others: number[] = [];
  /** Variable → its text → places. */
  readonly #variables = new Map<string, Map<string, number[]>>();
  /** Header → its value, or null where it must only be there → places. */
  readonly #headers = new Map<string, Map<string | null, number[]>>();

  constructor(list: Rules) {
    this.#list = list;
    for (const [place, rule] of list.entries()) this.#put(rule, place);
  }

  /** In their order. */
  of(variables: RuleVariables): RoutingRuleEntity[] {
    const places = [...this.#others];
    for (const [name, texts] of this.#variables)
      places.push(...(texts.get(variables[name as keyof RuleVariables] as string) ?? []));
    if (this.#headers.size > 0) this.#addByHeaders(variables.headers, places);
    places.sort((a, b) => a - b);
    return places.map((place) => this.#list[place] as RoutingRuleEntity);
  }

  #addByHeaders(headers: Readonly<Record<string, string>>, places: number[]): void {
    // a request has few headers, the rules may name many
    for (const name in headers) {
      const values = this.#headers.get(name);
      if (values === undefined) continue;
      places.push(...(values.get(headers[name] as string) ?? []), ...(values.get(null) ?? []));
    }
  }

  #put(rule: RoutingRuleEntity, place: number): void {
    const needed = compiledRule(rule).needed;
    const [variable] = needed?.variables ?? [];
    const [value] = needed?.values ?? [];
    const [header] = needed?.headers ?? [];
    if (variable !== undefined) note(this.#variables, variable[0], variable[1], place);
    else if (value !== undefined) note<string | null>(this.#headers, value[0], value[1], place);
    else if (header !== undefined) note<string | null>(this.#headers, header, null, place);
    else this.#others.push(place);
  }
}

function note<V>(map: Map<string, Map<V, number[]>>, name: string, value: V, place: number): void {
  let values = map.get(name);
  if (values === undefined) map.set(name, (values = new Map()));
  const places = values.get(value);
  if (places === undefined) values.set(value, [place]);
  else places.push(place);
}

const shelves = new WeakMap<Rules, RuleShelf>();

/** Those rules of the list that may match, in its order; of a short list all. */
export function rulesWorthAsking(list: Rules, variables: RuleVariables): Rules {
  if (list.length <= SHORT_LIST) return list;
  let shelf = shelves.get(list);
  if (shelf === undefined) shelves.set(list, (shelf = new RuleShelf(list)));
  return shelf.of(variables);
}
