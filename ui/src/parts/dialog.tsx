// A window over the page: in the middle, at the side, or from below. The focus stays in it and goes back to its opener.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Button } from "./button.tsx";

export interface DialogFacts {
  readonly title: string;
  readonly onClose: () => void;
  /** `menu`: without a visible heading, near the top. */
  readonly kind?: "middle" | "side" | "sheet" | "menu";
  /** Buttons at its foot. */
  readonly foot?: ComponentChildren;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}

const FIRST = "[autofocus], .dialog-body :is(input, select, textarea):not([disabled])";

export function Dialog({ title, onClose, kind = "middle", foot, wide = false, children }: DialogFacts) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const opener = document.activeElement;
    const dialog = box.current;
    if (dialog !== null && !dialog.open) {
      dialog.showModal();
      // what is to be filled in comes before the button that closes
      dialog.querySelector<HTMLElement>(FIRST)?.focus();
    }
    return () => {
      dialog?.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  return (
    <dialog
      ref={box}
      class={`dialog ${kind}${wide ? " wide" : ""}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        if (event.target === box.current) onClose();
      }}
    >
      <div class="dialog-body">
        {kind === "menu" ? (
          <h2 id={id} class="unseen">
            {title}
          </h2>
        ) : (
          <header class="dialog-head">
            <h2 id={id}>{title}</h2>
            <Button kind="bare" icon="close" label="Close" onClick={onClose} />
          </header>
        )}
        {children}
        {foot !== undefined && <footer class="dialog-foot">{foot}</footer>}
      </div>
    </dialog>
  );
}
