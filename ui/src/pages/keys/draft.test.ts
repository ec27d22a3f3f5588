// What a typed key becomes, and what is said about it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { conflictsOf, keyBody, keyDraft, NEW_KEY, prefilled, splitOf, withProvider, withShares } from "./draft.ts";
import { limitsBody, NEW_BUDGET, NO_LIMITS, withProposed } from "./draft-limits.ts";
import { dayCost, modelPreview, sharesInWords } from "./preview.ts";
import type { VirtualKey } from "./types.ts";

const STORED: VirtualKey = {
  id: "k",
  name: "shop",
  description: "",
  value: "sk-b***",
  is_active: true,
  expires_at: "2099-01-01T00:00:00.000Z",
  provider_configs: [],
  team_id: "t",
  customer_id: null,
  team: { id: "t", name: "Team" },
  customer: null,
  budgets: [],
  rate_limit: {
    id: "r",
    token_max_limit: null,
    token_reset_duration: null,
    token_current_usage: 0,
    request_max_limit: 5,
    request_reset_duration: "1m",
    request_current_usage: 0,
    max_parallel: 2,
  },
  on_store_down: "serve",
  unpriced_models: null,
  content_level: null,
  required_headers: [],
  source: { type: "api" },
};

test("providers begin with equal parts, and the bar sets their weights", () => {
  const two = withProvider(withProvider(NEW_KEY, "openai", true), "azure", true);
  assert.deepEqual(
    splitOf(two).map(({ share }) => share),
    [50, 50],
  );
  const split = withShares(two, [80, 20]);
  const body = keyBody({ ...split, name: " shop " }, null);
  assert.deepEqual(body, {
    name: "shop",
    provider_configs: [
      { provider: "openai", weight: 0.8, allowed_models: ["*"], key_ids: ["*"] },
      { provider: "azure", weight: 0.2, allowed_models: ["*"], key_ids: ["*"] },
    ],
  });
});

test("what was emptied in a stored key is taken off, and what was not touched is sent as it was", () => {
  const draft = keyDraft(STORED);
  assert.equal(keyBody(draft, STORED)["expires_at"], "2099-01-01T00:00:00Z");
  const limits = { ...draft.limits, requests: "", parallel: "" };
  const body = keyBody({ ...draft, expires: "", owner: "", limits }, STORED);
  assert.equal(body["expires_at"], "");
  assert.deepEqual([body["team_id"], body["customer_id"]], [null, null]);
  assert.deepEqual(body["rate_limit"], { request_max_limit: null, max_parallel: null });
});

test("what is no number is sent as it was typed, for the gateway to refuse at its place", () => {
  const budgets = [
    { ...NEW_BUDGET, amount: "ten" },
    { ...NEW_BUDGET, amount: "$2.5", duration: "", calendar: true },
  ];
  assert.deepEqual(limitsBody({ ...NO_LIMITS, budgets }, null), {
    budgets: [{ max_limit: "ten", reset_duration: "1M", calendar_aligned: true }, { max_limit: 2.5 }],
  });
});

test("a link fills the form in", () => {
  const draft = prefilled(new URLSearchParams("user=ada&budget=20&team=t"));
  assert.deepEqual([draft.name, draft.limits.budgets[0]?.amount, draft.owner], ["ada", "20", "team:t"]);
});

test("conflicts are told in words", () => {
  const draft = withProvider(NEW_KEY, "openai", true);
  const row = draft.providers[0];
  assert.ok(row !== undefined);
  const said = (changes: object) => conflictsOf({ ...draft, providers: [{ ...row, ...changes }] }, 0).join(" ");
  assert.match(said({ part: "fallback" }), /weight 0: never chosen first, still a fallback/);
  assert.match(said({ part: "named" }), /used only when a request names it/);
  assert.match(said({ models: ["a"], blocked: ["a"] }), /both allows and blocks a/);
  assert.equal(said({}), "");
  assert.match(conflictsOf(NEW_KEY, 0).join(" "), /No provider is chosen/);
});

test("a preview tells shares, fallbacks and who cannot, and what a day costs", () => {
  const preview = modelPreview("gpt-4o", {
    decision: {
      order: [
        { provider: "azure", model: "gpt-4o" },
        { provider: "openai", model: "gpt-4o" },
      ],
      candidates: [
        { provider: "azure", model: "gpt-4o", weight: 0.8, share: 0.8 },
        { provider: "openai", model: "gpt-4o", weight: 0.2, share: 0.2 },
        { provider: "groq", model: "gpt-4o", weight: 1, share: 0, removed: "model not allowed by the virtual key" },
      ],
    },
  });
  assert.equal(sharesInWords(preview).replaceAll(/\s/g, " "), "azure 80 %, openai 20 %");
  assert.deepEqual([preview.fallbacks, preview.removed], [["openai"], ["groq: not allowed"]]);
  const row = { model: "gpt-4o", total_requests: 70, total_cost: 7, unpriced_requests: 0 };
  const day = dayCost([preview], new Map([["openai", [row]]]));
  assert.ok(day !== null && Math.abs(day.cost - 1) < 1e-9 && day.requests === 10);
  assert.equal(dayCost([preview], new Map()), null);
  const unknown = dayCost([preview], new Map([["openai", [{ ...row, unpriced_requests: 70 }]]]));
  assert.deepEqual([unknown?.cost, unknown?.unpriced], [0, ["gpt-4o"]]);
});

test("a link proposes a budget where none is set, and leaves a set one alone", () => {
  const link = new URLSearchParams("budget=20");
  assert.deepEqual(withProposed(NO_LIMITS, link).budgets, [{ ...NEW_BUDGET, amount: "20" }]);
  const own = { ...NO_LIMITS, budgets: [{ ...NEW_BUDGET, id: "b", amount: "5" }] };
  assert.equal(withProposed(own, link), own);
  assert.equal(withProposed(NO_LIMITS, new URLSearchParams()), NO_LIMITS);
});
