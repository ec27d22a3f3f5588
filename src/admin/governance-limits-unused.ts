// Limits that were never used here: what their counters will begin with, from what the configuration tells of use elsewhere.
import { parseTime } from "../config/times.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { firstWindow, windowAt, windowEnd } from "../lib/windows/fixed.ts";
import { type WindowSpec, windowSpec } from "../lib/windows/spec.ts";
import { isObject, own } from "./restore-shown.ts";

/** Where a window begins and ends, and what is used in it. */
export interface Unused {
  readonly used: JsonValue;
  readonly lastReset: number | null;
  /** Null where no window is open before the first use. */
  readonly resetsAt: number | null;
}

/** Of a budget within the owner's body. */
export function unusedBudget(budget: JsonObject, body: JsonObject, now: number): Unused {
  const calendar = own(budget, "reset_config");
  const month = isObject(calendar) ? own(calendar, "quarter_start_month") : undefined;
  const duration = own(budget, "reset_duration");
  const spec = windowSpec({
    duration: typeof duration === "string" && duration !== "" ? duration : null,
    calendarAligned: (own(budget, "calendar_aligned") ?? own(body, "calendar_aligned")) === true,
    ...(typeof month === "number" ? { quarterStartMonth: month } : {}),
  });
  return unused(spec, own(budget, "current_usage"), own(budget, "last_reset"), now);
}

/** Of one half of a rate limit. */
export function unusedRate(limit: JsonObject, body: JsonObject, kind: "token" | "request", now: number): Unused {
  const duration = own(limit, `${kind}_reset_duration`);
  const spec = windowSpec({
    duration: typeof duration === "string" ? duration : null,
    calendarAligned: (own(limit, "calendar_aligned") ?? own(body, "calendar_aligned")) === true,
    isRateLimit: true,
  });
  return unused(spec, own(limit, `${kind}_current_usage`), own(limit, `${kind}_last_reset`), now);
}

function unused(
  spec: WindowSpec | null,
  given: JsonValue | undefined,
  reset: JsonValue | undefined,
  now: number,
): Unused {
  const used = given ?? 0;
  const lastReset = typeof reset === "string" ? parseTime(reset) : null;
  // a window that follows from nothing opens with the first use
  if (spec === null || spec.type === "never" || (lastReset === null && spec.type !== "calendar"))
    return { used, lastReset, resetsAt: null };
  if (spec.type === "sliding")
    return { used: now - (lastReset ?? now) >= spec.ms ? 0 : used, lastReset, resetsAt: null };
  const first = firstWindow(spec, now, lastReset);
  const open = windowAt(spec, first, now);
  return { used: open.number === first.number ? used : 0, lastReset: open.start, resetsAt: windowEnd(spec, open) };
}
