// A light editor for JSON: a text area, and over it the visible lines in colours, their numbers and marks, and offers at the cursor.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { placeAt } from "./json-cursor.ts";
import { tokensOf } from "./json-tokens.ts";
import { Offers } from "./offers.tsx";
import { type Offer, offersAt, type Schema } from "./schema-words.ts";

export interface EditorFacts {
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly readOnly: boolean;
  readonly schema: Schema | undefined;
  /** By line, from 1. */
  readonly marks: ReadonlyMap<number, "error" | "warning">;
  /** Called once with what brings a line to sight and the cursor there. */
  readonly onReady: (goTo: (line: number, column: number) => void) => void;
}

/** px; the same in page.css. */
const LINE = 20;
const PADDING = 8;
const MORE = 10;

interface Open {
  readonly offers: readonly Offer[];
  readonly from: number;
  readonly to: number;
  readonly active: number;
  readonly left: number;
  readonly top: number;
}

export function Editor({ text, onText, readOnly, schema, marks, onReady }: EditorFacts) {
  const area = useRef<HTMLTextAreaElement>(null);
  const [view, setView] = useState({ top: 0, left: 0, height: 600 });
  const [open, setOpen] = useState<Open | null>(null);
  const lines = useMemo(() => text.split("\n"), [text]);

  const measure = () => {
    const box = area.current;
    if (box !== null) setView({ top: box.scrollTop, left: box.scrollLeft, height: box.clientHeight });
  };
  useEffect(() => {
    measure();
    addEventListener("resize", measure);
    onReady((line, column) => {
      const box = area.current;
      if (box === null) return;
      const at = offsetOf(box.value, line, column);
      box.focus();
      box.setSelectionRange(at, at);
      box.scrollTop = Math.max(0, (line - 1) * LINE - box.clientHeight / 3);
    });
    return () => removeEventListener("resize", measure);
  }, []);

  /** `isAsked`: also where nothing is written yet. */
  const offer = (isAsked: boolean) => {
    const box = area.current;
    if (box === null || schema === undefined || readOnly) return;
    const place = placeAt(box.value, box.selectionStart);
    const hasWord = place.from < box.selectionStart;
    const offers = isAsked || hasWord ? offersAt(schema, place) : [];
    if (offers.length === 0) return setOpen(null);
    const before = box.value.slice(0, place.from);
    const line = before.split("\n").length - 1;
    const column = place.from - (before.lastIndexOf("\n") + 1);
    setOpen({
      offers,
      from: place.from,
      to: place.to,
      active: 0,
      left: column,
      top: Math.max(0, Math.min(box.clientHeight, (line + 1) * LINE + PADDING - box.scrollTop)),
    });
  };
  const take = (chosen: Offer | undefined) => {
    const box = area.current;
    if (box === null || open === null || chosen === undefined) return;
    // a name that is there already keeps what stands behind it
    const hasColon = /^\s*:/.test(box.value.slice(open.to));
    const written = hasColon ? JSON.stringify(chosen.label) : chosen.text;
    box.focus();
    box.setSelectionRange(open.from, open.to);
    insert(box, written);
    if (/(?:""|\{\}|\[\])$/.test(written)) box.setSelectionRange(box.selectionStart - 1, box.selectionStart - 1);
    onText(box.value);
    setOpen(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      return offer(true);
    }
    if (open === null) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      const active = (open.active + step + open.offers.length) % open.offers.length;
      setOpen({ ...open, active });
    } else if (event.key === "Enter" || event.key === "Tab") take(open.offers[open.active]);
    else if (event.key === "Escape") setOpen(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const first = Math.max(0, Math.floor((view.top - PADDING) / LINE) - MORE);
  const shown = lines.slice(first, first + Math.ceil(view.height / LINE) + 2 * MORE);
  const digits = Math.max(3, String(lines.length).length);
  return (
    <div class="editor" style={{ "--digits": String(digits) }}>
      <div class="editor-numbers" aria-hidden="true">
        <div style={{ transform: `translateY(${first * LINE + PADDING - view.top}px)` }}>
          {shown.map((_, index) => (
            <span key={first + index} data-mark={marks.get(first + index + 1)}>
              {first + index + 1}
            </span>
          ))}
        </div>
      </div>
      <div class="editor-body">
        <textarea
          ref={area}
          aria-label="Text of the configuration"
          aria-describedby="editor-help"
          aria-autocomplete="list"
          value={text}
          readOnly={readOnly}
          wrap="off"
          spellcheck={false}
          autoComplete="off"
          {...{ autocapitalize: "off" }}
          onScroll={() => {
            measure();
            setOpen(null);
          }}
          onInput={(event) => {
            onText(event.currentTarget.value);
            offer(false);
          }}
          onKeyDown={onKeyDown}
          onBlur={() => setOpen(null)}
          onClick={() => setOpen(null)}
        />
        <div class="editor-lines" aria-hidden="true">
          <div style={{ transform: `translate(${-view.left}px, ${first * LINE + PADDING - view.top}px)` }}>
            {shown.map((line, index) => (
              <Line key={first + index} text={line} mark={marks.get(first + index + 1)} />
            ))}
          </div>
        </div>
        {open !== null && <Offers {...open} scrolled={view.left} onTake={take} />}
      </div>
    </div>
  );
}

function Line({ text, mark }: { readonly text: string; readonly mark: "error" | "warning" | undefined }) {
  const tokens = useMemo(() => tokensOf(text), [text]);
  return (
    <div class="editor-line" data-mark={mark}>
      {tokens.map((token, index) => (
        <span key={index} class={`j-${token.kind}`}>
          {token.text}
        </span>
      ))}
    </div>
  );
}

/** As typing does, so that the browser can undo it. */
function insert(box: HTMLTextAreaElement, text: string): void {
  if (!document.execCommand("insertText", false, text))
    box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
}

function offsetOf(text: string, line: number, column: number): number {
  let at = 0;
  for (let count = 1; count < line; count++) {
    const next = text.indexOf("\n", at);
    if (next < 0) break;
    at = next + 1;
  }
  return Math.min(text.length, at + Math.max(0, column - 1));
}
