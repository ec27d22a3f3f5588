// Filters of a list as they stand in the address: `?status=error&provider=azure,openai`.
import { place, setQuery } from "./router.ts";

/** One way to narrow a list. */
export interface FilterKind {
  /** Name in the address and in the API: `provider`. */
  readonly name: string;
  /** `Provider` */
  readonly title: string;
  /** `many`: one of several values; `one`: a single value; `text`: what is typed; `yes`: only on. */
  readonly type: "many" | "one" | "text" | "yes";
  /** Values to choose from; absent: they are typed. */
  readonly options?: readonly { readonly value: string; readonly label: string }[];
}

/** Values of a filter in the address; empty = it is not set. Reading it in a component follows it. */
export function filterValues(name: string): readonly string[] {
  const text = place.value.query.get(name);
  return text === null || text === "" ? [] : text.split(",");
}

/** Sets a filter; no value removes it. What the reader did stays in the history. */
export function setFilter(name: string, values: readonly string[]): void {
  setQuery({ [name]: values.length === 0 ? null : values.join(","), page: null }, { replace: false });
}

/** Removes all of these. */
export function clearFilters(kinds: readonly FilterKind[]): void {
  setQuery(Object.fromEntries(kinds.map(({ name }) => [name, null])), { replace: false });
}

/** The query of the API for these filters, without `?`. */
export function filterQuery(kinds: readonly FilterKind[]): string {
  const query = new URLSearchParams();
  for (const { name } of kinds) {
    const values = filterValues(name);
    if (values.length > 0) query.set(name, values.join(","));
  }
  return query.toString();
}
