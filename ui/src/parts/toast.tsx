// Short notes at the edge of the page, with a way back for what was taken away.
import { signal } from "@preact/signals";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

export interface ToastFacts {
  readonly text: string;
  readonly tone?: "plain" | "good" | "bad";
  /** Shown as a button; the note then stays 10 s. */
  readonly undo?: () => unknown;
  /** Done when the note has gone and nobody took it back: deletes that can be undone wait for it. */
  readonly onGone?: () => unknown;
}

interface Shown extends ToastFacts {
  readonly id: number;
  timer: number;
}

const SHORT = 4_000;
const LONG = 10_000;
const MOST = 4;
const shown = signal<readonly Shown[]>([]);
let lastId = 0;

/** Shows a note; it goes by itself. */
export function toast(facts: ToastFacts): void {
  const note: Shown = { ...facts, id: ++lastId, timer: 0 };
  note.timer = window.setTimeout(
    () => leave(note),
    facts.undo === undefined && facts.onGone === undefined ? SHORT : LONG,
  );
  const notes = [...shown.peek(), note];
  for (const old of notes.slice(0, -MOST)) leave(old);
  shown.value = notes.slice(-MOST);
}

function leave(note: Shown): void {
  if (!shown.peek().includes(note)) return;
  window.clearTimeout(note.timer);
  shown.value = shown.peek().filter((one) => one !== note);
  note.onGone?.();
}

function takeBack(note: Shown): void {
  window.clearTimeout(note.timer);
  shown.value = shown.peek().filter((one) => one !== note);
  note.undo?.();
}

/** Leaving the page ends the time for taking back. */
addEventListener("pagehide", () => {
  for (const note of shown.peek()) leave(note);
});

/** Stands once in the shell. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.value.map((note) => (
        <div key={note.id} class={`toast ${note.tone ?? "plain"}`}>
          {note.tone === "bad" && <Icon name="warning" />}
          {note.tone === "good" && <Icon name="check" />}
          <span class="grow">{note.text}</span>
          {note.undo !== undefined && (
            <Button small onClick={() => takeBack(note)}>
              Undo
            </Button>
          )}
          <Button small kind="bare" icon="close" label="Dismiss" onClick={() => leave(note)} />
        </div>
      ))}
    </div>
  );
}
