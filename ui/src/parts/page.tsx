// A page: its title in the tab and as the heading, what can be done on it, and its content.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

export interface PageLayout {
  /** In the heading and in the browser's tab. */
  readonly title: string;
  /** One line under the title. */
  readonly lead?: ComponentChildren;
  /** Buttons and switches at the right of the title. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Page({ title, lead, actions, children }: PageLayout) {
  useEffect(() => {
    document.title = `${title} · Drawbridge`;
  }, [title]);
  return (
    <div class="page">
      <header class="page-head">
        <h1 tabIndex={-1}>{title}</h1>
        {lead !== undefined && <p>{lead}</p>}
        {actions !== undefined && <div class="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
