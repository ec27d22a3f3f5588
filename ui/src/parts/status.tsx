// A state: always a sign and a word, never a colour alone.
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

export type Tone = "good" | "warn" | "bad" | "info" | "off";

/** Signs differ in shape, so that they are told apart without colours. */
const SIGNS: Readonly<Record<Tone, string>> = {
  good: "M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z",
  warn: "M6 1 11 10.5H1z",
  bad: "M3.8 1h4.4L11 3.8v4.4L8.2 11H3.8L1 8.2V3.8z",
  info: "M6 .8 11.2 6 6 11.2.8 6z",
  off: "M2 5h8v2H2z",
};

export interface StatusFacts {
  readonly tone: Tone;
  /** The word. */
  readonly children: ComponentChildren;
  /** It goes on right now: the sign pulses. */
  readonly live?: boolean;
  /** Why it is so, on hover. */
  readonly reason?: string;
}

export function StatusDot({ tone, children, live = false, reason }: StatusFacts) {
  return (
    <span class={`status ${tone}${live ? " live" : ""}`} title={reason}>
      <svg width="10" height="10" viewBox="0 0 12 12" fill="currentColor" aria-hidden="true">
        <path d={SIGNS[tone]} />
      </svg>
      <span>{children}</span>
    </span>
  );
}

/** How a request ended, as the client saw it. */
export function RequestStatus({
  status,
  code,
}: {
  readonly status: "processing" | "success" | "error" | "cancelled";
  readonly code: number | null;
}) {
  if (status === "processing")
    return (
      <StatusDot tone="info" live>
        running
      </StatusDot>
    );
  if (status === "success") return <StatusDot tone="good">{code ?? "ok"}</StatusDot>;
  if (status === "cancelled") return <StatusDot tone="off">cancelled</StatusDot>;
  return <StatusDot tone="bad">{code === null ? "failed" : `${code} failed`}</StatusDot>;
}

/** A word in a pill. */
export function Badge({
  tone = "",
  children,
  title,
}: {
  readonly tone?: Tone | "accent" | "";
  readonly children: ComponentChildren;
  readonly title?: string;
}) {
  return (
    <span class={`badge ${tone}`} title={title}>
      {children}
    </span>
  );
}

const NOTE_ICONS: Readonly<Record<string, IconName>> = {
  info: "info",
  plain: "info",
  warn: "warning",
  bad: "warning",
  good: "check",
};

/** A remark in the run of a page; `role` only where it appears while the reader is there. */
export function Note({
  tone = "info",
  children,
  action,
}: {
  readonly tone?: "info" | "plain" | "warn" | "bad" | "good";
  readonly children: ComponentChildren;
  readonly action?: ComponentChildren;
}) {
  return (
    <div class={`note ${tone}`}>
      <Icon name={NOTE_ICONS[tone] ?? "info"} />
      <div class="grow">{children}</div>
      {action}
    </div>
  );
}

/** Where a value is kept that cannot be changed here: the file alone rules. */
export function Locked({ file, line }: { readonly file: string; readonly line?: number }) {
  const place = line === undefined ? file : `${file}:${line}`;
  return (
    <span class="badge origin-file" title={`Set in ${place}, which rules alone: change it there`}>
      <Icon name="lock" size={12} />
      {place}
    </span>
  );
}
