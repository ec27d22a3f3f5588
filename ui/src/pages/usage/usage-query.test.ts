// Tests of the address of the page, and of the CSV.
import assert from "node:assert/strict";
import { test } from "node:test";
import { csvOf } from "./csv.ts";
import type { Ranked } from "./ranked.ts";
import { groupFilters, logPath, readUsage, timeBefore, timeOf } from "./usage-query.ts";

const read = (text: string) => readUsage(new URLSearchParams(text));

test("an address without anything shows the cost of virtual keys in 24 hours", () => {
  const usage = read("");
  assert.equal(usage.by.id, "virtual_key");
  assert.equal(usage.measure, "cost");
  assert.deepEqual(timeOf(usage.range), { period: "24h" });
});

test("what makes no sense is passed over", () => {
  const usage = read("by=planet&measure=weight&period=3y&page=-4&start_time=2026-05-02&end_time=2026-05-01");
  assert.equal(usage.by.id, "virtual_key");
  assert.equal(usage.page, 0);
  assert.deepEqual(timeOf(usage.range), { period: "24h" });
});

test("the time before is as long, and ends before the range begins", () => {
  const usage = read("start_time=2026-05-02T00:00:00Z&end_time=2026-05-03T00:00:00Z");
  assert.deepEqual(timeBefore(usage.range, 0), {
    start_time: "2026-05-01T00:00:00.000Z",
    end_time: "2026-05-01T23:59:59.999Z",
  });
  assert.equal(timeBefore(read("period=all").range, 0), null);
});

test("a group narrows the log together with the filters of the page, and takes the place of its own", () => {
  const usage = read("by=tag:feature&tag:feature=old&team_ids=red&tag:plan=pro");
  assert.equal(
    logPath("/api/logs", groupFilters(usage, "sum,mary")),
    "/api/logs?team_ids=red&tag%3Aplan=pro&tag%3Afeature=sum%2Cmary",
  );
});

test("CSV leaves an unknown cost empty, and a spreadsheet runs nothing of it", () => {
  const row = { id: '=1+"1"', name: "a,b", total_requests: 2, total_cost: null, unpriced_requests: 2 };
  const [head, line] = csvOf([row as unknown as Ranked]).split("\r\n");
  assert.match(head ?? "", /^id,name,requests/);
  assert.ok(line?.startsWith(`"'=1+""1""","a,b",2,`), line);
  assert.match(csvOf([{ ...row, total_cost: null } as unknown as Ranked]), /,,2,/);
});
