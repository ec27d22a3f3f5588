// Filters: from the address to the question at the log, and to which running requests fit.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chipText, chosenOf, fitsAll, isLiveTold, logQuery } from "./filters.ts";
import { rowOf, type SummaryRow } from "./rows.ts";

const live = rowOf({
  id: "a",
  timestamp: "2026-01-01T00:00:00.000Z",
  object: "chat_completion",
  stream: false,
  provider: "openai",
  model: "gpt-4o",
  requested_model: "openai/gpt-4o",
  status: "processing",
  status_code: null,
  latency: null,
  time_to_first_token: null,
  total_tokens: null,
  cost: null,
  virtual_key_id: "vk-1",
  virtual_key_name: "team",
  user_id: "mia",
  app: null,
  error_message: null,
  attempts: [],
} satisfies SummaryRow);
const chosen = (text: string) => chosenOf(new URLSearchParams(text));

test("what stands in the address is asked, what is no filter is not", () => {
  const query = logQuery(new URLSearchParams("status=error&tab=why&tag:team=red"), "24h");
  assert.equal(query.toString(), "status=error&tag%3Ateam=red&period=24h");
  assert.equal(logQuery(new URLSearchParams("start_time=2026-01-01"), "24h").toString(), "start_time=2026-01-01");
  assert.equal(logQuery(new URLSearchParams("period=all"), "24h").toString(), "");
});

test("a running request fits as far as it is known, and is sorted out when it turns out otherwise", () => {
  assert.ok(fitsAll(live, chosen("status=error&providers=azure,openai&user_ids=mia&min_latency=500")));
  assert.ok(!fitsAll(live, chosen("virtual_key_ids=vk-2")));
  assert.ok(!fitsAll({ ...live, status: "success" }, chosen("status=error")));
  assert.ok(!fitsAll({ ...live, status: "success", latency: 3 }, chosen("min_latency=500")));
});

test("filters of what a live row does not tell are asked at the log", () => {
  assert.ok(isLiveTold(chosen("status=error&apps=bot")));
  for (const text of ["team_ids=red", "content_search=hello", "tag:a=b"]) assert.ok(!isLiveTold(chosen(text)), text);
});

test("chips say what they do", () => {
  const words = chosen("virtual_key_ids=vk-1,vk-2&retried_only=true&min_cost=0.5&max_latency=200&tag:team=red").map(
    (one) => chipText(one, (_, id) => id.toUpperCase()),
  );
  assert.deepEqual(words, [
    "Virtual key: VK-1 or VK-2",
    "Retried only",
    "Cost from $0.5",
    "Latency up to 200 ms",
    "team: red",
  ]);
});
