// The times of day at which an entry of a price sheet is cheaper, as LiteLLM's sheet tells them.
import type { DailyWindow, PricePeriod } from "../../core/price.ts";
import { PriceMemberError, readRates } from "./sheet-fields.ts";

const MEMBER = "off_peak_pricing";
const HOURS = /^(\d{2}):(\d{2})-(\d{2}):(\d{2})$/;
const DAY_MINUTES = 24 * 60;

type Entry = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function windowOf(hours: unknown, days: readonly number[] | undefined): DailyWindow {
  const match = typeof hours === "string" ? HOURS.exec(hours) : null;
  if (match === null) throw new PriceMemberError(`${MEMBER}.windows`, "has hours that are not like 16:30-00:30");
  const [fromHour, fromMinute, toHour, toMinute] = match.slice(1).map(Number) as [number, number, number, number];
  const from = fromHour * 60 + fromMinute;
  const to = toHour * 60 + toMinute;
  if (from >= DAY_MINUTES || to > DAY_MINUTES) throw new PriceMemberError(`${MEMBER}.windows`, "has an hour above 24");
  // midnight as an end is the end of the day
  return { from, to: to === 0 ? DAY_MINUTES : to, ...(days === undefined ? {} : { days }) };
}

function windowsOf(value: unknown): readonly DailyWindow[] {
  if (!Array.isArray(value)) throw new PriceMemberError(`${MEMBER}.windows`, "is no list");
  return (value as readonly unknown[]).flatMap((window) => {
    if (!isObject(window)) throw new PriceMemberError(`${MEMBER}.windows`, "has an item that is no object");
    const given = window["weekdays"];
    const days = Array.isArray(given) ? given.filter((day): day is number => typeof day === "number") : undefined;
    const hours = window["hours_utc"];
    return (Array.isArray(hours) ? (hours as unknown[]) : [hours]).map((one) => windowOf(one, days));
  });
}

/** The periods of an entry: always, and the cheaper hours where it has some. Throws PriceMemberError. */
export function readPeriods(entry: Entry): readonly PricePeriod[] {
  const rates = readRates(entry);
  const always: PricePeriod = { from: null, to: null, windows: null, rates };
  const cheaper = entry[MEMBER];
  if (!isObject(cheaper)) return [always];
  return [always, { ...always, windows: windowsOf(cheaper["windows"]), rates: { ...rates, ...readRates(cheaper) } }];
}
