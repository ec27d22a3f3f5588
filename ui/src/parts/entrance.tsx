// The frame of pages for who is not in yet: the sign, a heading, and one card.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Mark } from "./icon.tsx";

export function Entrance({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} · Drawbridge`;
  }, [title]);
  return (
    <div class="entrance">
      <div class="entrance-brand">
        <Mark size={28} />
        <span>Drawbridge</span>
      </div>
      <section class="entrance-card">
        <h1 tabIndex={-1}>{title}</h1>
        {children}
      </section>
    </div>
  );
}
