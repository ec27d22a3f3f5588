// Nothing to show: why that is so, and what to do next.
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

export interface EmptyText {
  readonly title: string;
  readonly why?: ComponentChildren;
  /** A link or a button. */
  readonly action?: ComponentChildren;
  readonly icon?: IconName;
}

export function Empty({ title, why, action, icon }: EmptyText) {
  return (
    <div class="empty">
      {icon !== undefined && <Icon name={icon} size={20} />}
      <p class="empty-title">{title}</p>
      {why !== undefined && <p class="soft">{why}</p>}
      {action !== undefined && <div class="row">{action}</div>}
    </div>
  );
}
