// Pages of the keys of one owner, out of more keys than are looked at together.
import assert from "node:assert/strict";
import { it } from "node:test";
import type { ConfigBook, VirtualKeyItem, VirtualKeyQuery } from "../core/config-book.ts";
import { eachKey, findKeys, readKeyListQuery } from "./virtual-keys-query.ts";

/** Every third key belongs to the team. */
function bookOf(count: number): { readonly book: ConfigBook; readonly asked: VirtualKeyQuery[] } {
  const asked: VirtualKeyQuery[] = [];
  const all = Array.from({ length: count }, (_, n) => ({ id: String(n), body: n % 3 === 0 ? { team_id: "t" } : {} }));
  const virtualKeys = async (query: VirtualKeyQuery) => {
    asked.push(query);
    return { items: all.slice(query.offset, query.offset + query.limit) as unknown as VirtualKeyItem[], total: count };
  };
  return { book: { virtualKeys } as unknown as ConfigBook, asked };
}

const queryOf = (text: string) => readKeyListQuery(new URLSearchParams(text));

it("a page of one owner's keys is found among all, in their order, with how many there are", async () => {
  const { book, asked } = bookOf(3500);
  const page = await findKeys(book, queryOf("team_id=t&offset=1000&limit=3&sort_by=name&order=desc&search=x"));
  assert.deepEqual(
    page.items.map(({ id }) => id),
    ["3000", "3003", "3006"],
  );
  assert.equal(page.total, 1167);
  assert.deepEqual(asked[3], {
    search: "x",
    ids: undefined,
    sort: "name",
    descending: true,
    limit: 1000,
    offset: 3000,
  });
  assert.equal(asked.length, 4);
});

it("without an owner the book makes the page", async () => {
  const { book, asked } = bookOf(3500);
  const page = await findKeys(book, queryOf("offset=7&limit=2"));
  assert.deepEqual([page.total, page.items.length, asked.length], [3500, 2, 1]);
});

it("every key comes once, also where the last page is full, and none where there is none", async () => {
  for (const count of [0, 1, 999, 1000, 1001, 2000]) {
    const seen: string[] = [];
    for await (const { id } of eachKey(bookOf(count).book)) seen.push(id);
    assert.equal(new Set(seen).size, count);
    assert.equal(seen.length, count);
  }
});
