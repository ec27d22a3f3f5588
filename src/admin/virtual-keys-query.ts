// Reads the query of GET /api/governance/virtual-keys, and finds the page that it means.
import type { ConfigBook, VirtualKeyItem, VirtualKeyQuery } from "../core/config-book.ts";
import { OWNER_RULES, readListQuery } from "./governance-query.ts";
import { own } from "./restore-shown.ts";

const MOST_EXPORTED = 100_000;
/** Members by which a key names its owner. There are no users here: whoever asks for a user's keys gets none. */
const OWNERS = ["customer_id", "team_id", "user_id"] as const;
/** Keys that are looked through at a time. */
const LOOKED_THROUGH = 1000;

export interface KeyListQuery extends VirtualKeyQuery {
  readonly owners: Readonly<Record<string, string>>;
}

/** Throws GatewayError naming the parameter at fault. */
export function readKeyListQuery(parameters: URLSearchParams): KeyListQuery {
  const isExport = parameters.get("export") === "true";
  const rules = isExport ? { usual: MOST_EXPORTED, most: MOST_EXPORTED } : OWNER_RULES;
  const { filters, ...query } = readListQuery(parameters, { ...rules, filters: ["ids", ...OWNERS] });
  const { ids, ...owners } = filters;
  return { ...query, ids: ids?.split(","), owners };
}

interface KeyPage {
  readonly items: readonly VirtualKeyItem[];
  readonly total: number;
}

/** Keys of one owner are looked for among all of them: lists of this kind are made by people, and seldom. */
export async function findKeys(book: ConfigBook, { owners, ...query }: KeyListQuery): Promise<KeyPage> {
  const wanted = Object.entries(owners);
  if (wanted.length === 0) return await book.virtualKeys(query);
  const items: VirtualKeyItem[] = [];
  let total = 0;
  for await (const item of eachKey(book, query)) {
    if (!wanted.every(([name, id]) => own(item.body, name) === id)) continue;
    if (total >= query.offset && items.length < query.limit) items.push(item);
    total++;
  }
  return { items, total };
}

/** Every virtual key that is meant, some at a time. */
export async function* eachKey(
  book: ConfigBook,
  query: Omit<VirtualKeyQuery, "limit" | "offset"> = {},
): AsyncGenerator<VirtualKeyItem> {
  for (let offset = 0; ; offset += LOOKED_THROUGH) {
    const { items, total } = await book.virtualKeys({ ...query, limit: LOOKED_THROUGH, offset });
    yield* items;
    if (offset + LOOKED_THROUGH >= total || items.length === 0) return;
  }
}
