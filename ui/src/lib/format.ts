// Numbers and times as people read them: short in place, exact on hover.

/** What an unknown price is called; it is never $0. */
export const UNKNOWN_PRICE = "unknown price";
/** Stands where there is nothing to tell. */
export const NONE = "–";

/** `$0.0042`, `$1.28`, `$12.4k`. Null = unknown price. */
export function money(usd: number | null): string {
  if (usd === null) return UNKNOWN_PRICE;
  const size = Math.abs(usd);
  const sign = usd < 0 ? "-" : "";
  if (size === 0) return "$0";
  if (size < 0.0001) return `${sign}<$0.0001`;
  if (size < 0.995) return `${sign}$${trimmed(size.toFixed(digitsFor(size, 2)))}`;
  if (size < 9_999.5) return `${sign}$${size.toFixed(2)}`;
  return `${sign}$${short(size)}`;
}

/** All digits that are known: `$0.000042130`. */
export function exactMoney(usd: number | null): string {
  if (usd === null) return "no price is known for the model";
  return `$${usd.toFixed(9).replace(/(\.\d\d\d*?)0+$/, "$1")}`;
}

/** Of milliseconds: `840 µs`, `12 ms`, `1.2 s`, `2 min 5 s`, `3 h 10 min`. Null = did not happen. */
export function duration(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return NONE;
  if (ms < 0) return `-${duration(-ms)}`;
  if (ms < 0.9995) return `${Math.round(ms * 1000)} µs`;
  if (ms < 9.95) return `${trimmed(ms.toFixed(1))} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${trimmed((ms / 1000).toFixed(ms < 9_950 ? 1 : 0))} s`;
  return longDuration(Math.round(ms / 1000));
}

function longDuration(seconds: number): string {
  if (seconds < 3600) return parts([Math.floor(seconds / 60), "min"], [seconds % 60, "s"]);
  if (seconds < 86_400) return parts([Math.floor(seconds / 3600), "h"], [Math.floor((seconds % 3600) / 60), "min"]);
  return parts([Math.floor(seconds / 86_400), "d"], [Math.floor((seconds % 86_400) / 3600), "h"]);
}

function parts(large: readonly [number, string], small: readonly [number, string]): string {
  return small[0] === 0 ? `${large[0]} ${large[1]}` : `${large[0]} ${large[1]} ${small[0]} ${small[1]}`;
}

/** Of milliseconds, in full: `1,234.567 ms`. */
export function exactDuration(ms: number | null): string {
  if (ms === null) return "did not happen";
  return `${ms.toLocaleString("en-US", { maximumFractionDigits: 3 })} ms`;
}

/** `950`, `12.4k`, `3.1M`, `2B`. Null = not known. */
export function short(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  for (const [unit, letter] of [
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    if (size >= unit * 0.99995) return `${trimmed((value / unit).toFixed(size / unit >= 99.95 ? 0 : 1))}${letter}`;
  }
  return Number.isInteger(value) ? String(value) : trimmed(value.toFixed(size < 10 ? 2 : 1));
}

/** `12,345`. */
export function exact(value: number | null): string {
  return value === null ? "not known" : value.toLocaleString("en-US", { maximumFractionDigits: 6 });
}

/** Of a fraction: `80 %`, `99.7 %`, `0.4 %`; what is not quite all is never called all. Null = not known. */
export function percent(fraction: number | null): string {
  if (fraction === null || !Number.isFinite(fraction)) return NONE;
  const value = fraction * 100;
  if (value === 0 || value === 100) return `${value} %`;
  if (value > 99.9 && value < 100) return "99.9 %";
  if (value > 0 && value < 0.1) return "<0.1 %";
  return `${trimmed(value.toFixed(1))} %`;
}

/** `320 B`, `8 KB`, `1.2 MB`. */
export function bytes(count: number | null): string {
  if (count === null) return NONE;
  if (count < 1024) return `${count} B`;
  if (count < 1024 * 1024) return `${trimmed((count / 1024).toFixed(count < 10_240 ? 1 : 0))} KB`;
  return `${trimmed((count / 1024 / 1024).toFixed(1))} MB`;
}

/** `now`, `12 s ago`, `5 min ago`, `in 2 h`, `3 d ago`. Both in Unix ms. */
export function relativeTime(at: number, now: number): string {
  const seconds = Math.round(Math.abs(now - at) / 1000);
  if (seconds < 2) return "now";
  const words = unitOf(seconds);
  return at > now ? `in ${words}` : `${words} ago`;
}

function unitOf(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** `2026-11-23 22:45:03.120 UTC`, or in the zone of the reader without its name. */
export function absoluteTime(at: number, zone: "utc" | "local"): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return NONE;
  if (zone === "utc") return `${date.toISOString().slice(0, 23).replace("T", " ")} UTC`;
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${two(date.getMilliseconds(), 3)}`;
}

/** `1 request`, `2 requests`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${exact(count)} ${count === 1 ? one : many}`;
}

/** So many digits behind the point that `significant` of them say something. */
function digitsFor(value: number, significant: number): number {
  return Math.min(9, Math.max(2, significant - 1 - Math.floor(Math.log10(value))));
}

function trimmed(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function two(value: number, width = 2): string {
  return String(value).padStart(width, "0");
}
