// Money, durations, counts and shares: short in place, exact on hover; and the large figures of a page.
import type { ComponentChildren } from "preact";
import { bytes, duration, exact, exactDuration, exactMoney, money, percent, short } from "../lib/format.ts";

/** USD. Null = unknown price, never $0. */
export function Money({ usd }: { readonly usd: number | null }) {
  return (
    <span class={usd === null ? "num soft" : "num"} title={exactMoney(usd)}>
      {money(usd)}
    </span>
  );
}

/** ms; null = did not happen. */
export function Duration({ ms }: { readonly ms: number | null }) {
  return (
    <span class="num" title={exactDuration(ms)}>
      {duration(ms)}
    </span>
  );
}

/** A count of tokens; null = not known. */
export function Tokens({ count }: { readonly count: number | null }) {
  return (
    <span class="num" title={`${exact(count)} tokens`}>
      {short(count)}
    </span>
  );
}

/** Any other count; null = not known. */
export function Count({ value }: { readonly value: number | null }) {
  return (
    <span class="num" title={exact(value)}>
      {short(value)}
    </span>
  );
}

/** A fraction from 0 to 1; null = not known. */
export function Percent({ of }: { readonly of: number | null }) {
  return (
    <span class="num" title={of === null ? "not known" : `${of * 100} %`}>
      {percent(of)}
    </span>
  );
}

export function Bytes({ count }: { readonly count: number | null }) {
  return (
    <span class="num" title={`${exact(count)} bytes`}>
      {bytes(count)}
    </span>
  );
}

export interface FigureFacts {
  readonly name: string;
  readonly value: ComponentChildren;
  /** Below: what it is compared with. */
  readonly note?: ComponentChildren;
  /** A spark line. */
  readonly children?: ComponentChildren;
}

/** One large figure; put them into `<div class="figures">`. */
export function Figure({ name, value, note, children }: FigureFacts) {
  return (
    <div class="figure">
      <span class="figure-name">{name}</span>
      <span class="figure-value">{value}</span>
      <span class="figure-note">{note}</span>
      {children}
    </div>
  );
}

export interface MeterFacts {
  /** What is measured, for readers aloud. */
  readonly label: string;
  readonly used: number;
  readonly limit: number;
  /** Beside the bar. */
  readonly children?: ComponentChildren;
}

/** How much of a limit is used: amber from 80 %, red from 100 %. */
export function Meter({ label, used, limit, children }: MeterFacts) {
  const share = limit > 0 ? used / limit : 1;
  const tone = share >= 1 ? "bad" : share >= 0.8 ? "warn" : "";
  const words = `${percent(share)} used`;
  return (
    <span class={`meter ${tone}`} title={words}>
      {children !== undefined && <span class="small">{children}</span>}
      <span
        class="meter-track"
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.min(100, Math.round(share * 100))}
        aria-valuetext={words}
      >
        <span style={{ width: `${Math.min(100, share * 100)}%` }} />
      </span>
    </span>
  );
}
