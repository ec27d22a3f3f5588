// A card with a heading; what needs no frame of its own goes straight into it.
import type { ComponentChildren } from "preact";

export interface CardFacts {
  readonly title?: string;
  /** At the right of the title. */
  readonly actions?: ComponentChildren;
  /** Tables reach to the edges. */
  readonly flush?: boolean;
  readonly children: ComponentChildren;
  readonly testId?: string;
}

export function Card({ title, actions, flush = false, children, testId }: CardFacts) {
  return (
    <section class={`card${flush ? " flush" : ""}`} data-testid={testId}>
      {(title !== undefined || actions !== undefined) && (
        <header class="card-head">
          {title !== undefined && <h2>{title}</h2>}
          {actions !== undefined && <div class="card-head-actions">{actions}</div>}
        </header>
      )}
      <div class="card-body">{children}</div>
    </section>
  );
}

/** Names and values, one under the other. */
export function Facts({ rows }: { readonly rows: readonly (readonly [name: string, value: ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  );
}
