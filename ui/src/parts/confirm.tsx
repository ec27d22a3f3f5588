// Asks before what cannot be taken back; where much hangs on it the name has to be typed.
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { TextField } from "./field.tsx";

export interface Question {
  /** `Delete the key "backup"?` */
  readonly title: string;
  /** What will happen, and to whom. */
  readonly text: string;
  /** A verb: the word on the button. */
  readonly act: string;
  /** The name that has to be typed. Absent: nothing has to. */
  readonly typed?: string;
  readonly danger?: boolean;
}

interface Open extends Question {
  readonly answer: (isYes: boolean) => void;
}

const open = signal<Open | null>(null);

/** Resolves with what the reader chose. */
export function confirm(question: Question): Promise<boolean> {
  open.peek()?.answer(false);
  return new Promise((resolve) => {
    open.value = {
      ...question,
      answer: (isYes) => {
        open.value = null;
        resolve(isYes);
      },
    };
  });
}

/** Stands once in the shell. */
export function ConfirmHost() {
  const question = open.value;
  return question === null ? null : <Ask key={question.title} {...question} />;
}

function Ask({ title, text, act, typed, danger = true, answer }: Open) {
  const [word, setWord] = useState("");
  const isReady = typed === undefined || word.trim() === typed;
  return (
    <Dialog
      title={title}
      onClose={() => answer(false)}
      foot={
        <>
          <Button onClick={() => answer(false)}>Cancel</Button>
          <Button kind={danger ? "danger" : "primary"} disabled={!isReady} onClick={() => answer(true)}>
            {act}
          </Button>
        </>
      }
    >
      <p class="soft">{text}</p>
      {typed !== undefined && <TextField label={`Type ${typed} to go on`} value={word} onInput={setWord} />}
    </Dialog>
  );
}
