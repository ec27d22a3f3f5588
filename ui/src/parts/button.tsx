// A button: quiet by default; `primary` for the one act of a form, `danger` for what takes something away.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Icon, type IconName } from "./icon.tsx";

export interface ButtonFacts {
  readonly kind?: "plain" | "primary" | "danger" | "bare";
  readonly icon?: IconName;
  /** While a promise that it returns is pending the button waits and cannot be pressed. */
  readonly onClick?: ((event: MouseEvent) => unknown) | undefined;
  readonly type?: "button" | "submit";
  readonly disabled?: boolean;
  /** Shows that it waits. */
  readonly busy?: boolean;
  /** What it does, where the button shows an icon alone; also its tooltip. */
  readonly label?: string;
  readonly pressed?: boolean;
  readonly expanded?: boolean;
  readonly small?: boolean;
  readonly children?: ComponentChildren;
  readonly testId?: string;
}

export function Button(facts: ButtonFacts) {
  const { kind = "plain", icon, onClick, type = "button", label, small = false, children } = facts;
  const [isPending, setPending] = useState(false);
  const isBusy = facts.busy === true || isPending;
  const press = async (event: MouseEvent) => {
    const result = onClick?.(event);
    if (!(result instanceof Promise)) return;
    setPending(true);
    await result.catch(() => {});
    setPending(false);
  };
  return (
    <button
      type={type}
      class={`button ${kind}${small ? " small-button" : ""}${children === undefined ? " icon-only" : ""}`}
      onClick={press}
      disabled={facts.disabled === true}
      aria-disabled={isBusy ? "true" : undefined}
      aria-busy={isBusy ? "true" : undefined}
      aria-label={label}
      title={children === undefined ? label : undefined}
      aria-pressed={facts.pressed}
      aria-expanded={facts.expanded}
      data-testid={facts.testId}
    >
      {isBusy ? <span class="spinner" aria-hidden="true" /> : icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A link that looks like a button. */
export function ButtonLink(facts: {
  readonly href: string;
  readonly kind?: "plain" | "primary" | "bare";
  readonly icon?: IconName;
  readonly children: ComponentChildren;
}) {
  return (
    <a class={`button ${facts.kind ?? "plain"}`} href={facts.href}>
      {facts.icon !== undefined && <Icon name={facts.icon} />}
      {facts.children}
    </a>
  );
}
