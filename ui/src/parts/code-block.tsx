// Code and ids that can be copied.
import { useState } from "preact/hooks";
import { Button } from "./button.tsx";
import { toast } from "./toast.tsx";

/** Copies, and says so; false: the browser does not allow it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByHand(text);
  }
}

/** Pages that came by plain HTTP from another machine have no clipboard. */
function copyByHand(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const isDone = document.execCommand("copy");
  area.remove();
  return isDone;
}

/** `text` may be a function: what is long is made only when it is copied. */
export function CopyButton({
  text,
  label = "Copy",
}: {
  readonly text: string | (() => string);
  readonly label?: string;
}) {
  const [isDone, setDone] = useState(false);
  const copy = async () => {
    if (!(await copyText(typeof text === "string" ? text : text())))
      return toast({ text: "This browser does not let pages copy: select it by hand.", tone: "bad" });
    setDone(true);
    window.setTimeout(() => setDone(false), 1_500);
  };
  return <Button small kind="bare" icon={isDone ? "check" : "copy"} label={isDone ? "Copied" : label} onClick={copy} />;
}

/** An id with a button that copies it. */
export function Copyable({ text, short }: { readonly text: string; readonly short?: string }) {
  return (
    <span class="copyable">
      <code class="clip" title={text}>
        {short ?? text}
      </code>
      <CopyButton text={text} />
    </span>
  );
}

export interface CodeFacts {
  readonly code: string;
  /** What it is, for readers aloud. */
  readonly label: string;
  readonly wrap?: boolean;
}

export function CodeBlock({ code, label, wrap = false }: CodeFacts) {
  return (
    <div class="code">
      <pre class={wrap ? "wrap" : ""} tabIndex={0} role="region" aria-label={label}>
        <code>{code}</code>
      </pre>
      <CopyButton text={code} label={`Copy ${label}`} />
    </div>
  );
}
