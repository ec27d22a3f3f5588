// A page: its title in the tab and as the heading, what can be done on it, and its content.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { arrivals, takeArrival } from "../lib/router.ts";

export interface PageLayout {
  /** In the heading and in the browser's tab. */
  readonly title: string;
  /** One line under the title. */
  readonly lead?: ComponentChildren;
  /** Buttons and switches at the right of the title. */
  readonly actions?: ComponentChildren;
  /** It stands for a page that is still coming. */
  readonly isOutline?: boolean;
  readonly children: ComponentChildren;
}

export function Page({ title, lead, actions, isOutline = false, children }: PageLayout) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Drawbridge`;
  }, [title]);
  // the keyboard and readers aloud begin at the heading of a page that was gone to
  useEffect(() => {
    if (!isOutline && takeArrival()) heading.current?.focus({ preventScroll: true });
  }, [arrivals.value, isOutline]);
  return (
    <div class="page">
      <header class="page-head">
        <h1 tabIndex={-1} ref={heading}>
          {title}
        </h1>
        {lead !== undefined && <p>{lead}</p>}
        {actions !== undefined && <div class="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
