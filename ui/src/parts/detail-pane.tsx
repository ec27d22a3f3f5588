// The details of a row beside its list; on narrow screens over it. Esc closes, [ and ] go to the neighbours.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useKeys } from "../lib/keys.ts";
import { Button } from "./button.tsx";

export interface DetailPaneFacts {
  readonly title: ComponentChildren;
  /** Changes with what is shown: the focus comes to the pane then. */
  readonly id: string;
  readonly onClose: () => void;
  readonly onBefore?: (() => void) | undefined;
  readonly onNext?: (() => void) | undefined;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** Put list and pane into `<div class="with-pane is-open">`. */
export function DetailPane({ title, id, onClose, onBefore, onNext, actions, children }: DetailPaneFacts) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    const opener = document.activeElement;
    box.current?.focus({ preventScroll: true });
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
    };
  }, []);
  useKeys({
    Escape: onClose,
    ...(onBefore === undefined ? {} : { "[": onBefore }),
    ...(onNext === undefined ? {} : { "]": onNext }),
  });
  return (
    <aside class="pane" ref={box} tabIndex={-1} aria-label="Details" data-testid="detail-pane">
      <header class="pane-head">
        <h2 class="clip">{title}</h2>
        {actions}
        {onBefore !== undefined && (
          <Button kind="bare" small icon="up" label="The one before ( [ )" onClick={onBefore} />
        )}
        {onNext !== undefined && <Button kind="bare" small icon="down" label="The next one ( ] )" onClick={onNext} />}
        <Button kind="bare" small icon="close" label="Close (Esc)" onClick={onClose} />
      </header>
      <div class="pane-body" key={id} tabIndex={0} role="group" aria-label="Content">
        {children}
      </div>
    </aside>
  );
}
