// Draws a page of several answers once they all are there: coming one by one they would push each other down.
import { effect } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { awaited } from "../api/resource.ts";
import { Skeleton } from "./skeleton.tsx";

/** ms after which it opens whatever is missing: each part then tells by itself that it waits. */
const PATIENCE = 1_500;

/** What is inside asks for its answers at once, unseen. Once open it stays open. */
export function Curtain({ children, lines = 12 }: { readonly children: ComponentChildren; readonly lines?: number }) {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    let stop = (): void => {};
    // what is inside has said what it needs by the frame after the next
    const frame = requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        stop = effect(() => {
          if (awaited.value === 0) setOpen(true);
        });
      }),
    );
    const timer = window.setTimeout(() => setOpen(true), PATIENCE);
    return () => {
      cancelAnimationFrame(frame);
      window.clearTimeout(timer);
      stop();
    };
  }, []);
  return (
    <div class={isOpen ? "curtain" : "curtain is-closed"} aria-busy={!isOpen}>
      {!isOpen && (
        <div class="curtain-wait">
          <Skeleton lines={lines} />
        </div>
      )}
      <div class="curtain-scene">{children}</div>
    </div>
  );
}
