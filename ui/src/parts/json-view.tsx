// Shows JSON of any size: what is folded is not in the page.
import { useMemo, useState } from "preact/hooks";
import { type JsonLine, jsonLines, type JsonView as View } from "../lib/json-lines.ts";
import { CopyButton } from "./code-block.tsx";
import { Icon } from "./icon.tsx";

export interface JsonViewFacts {
  readonly value: unknown;
  readonly label: string;
}

export function JsonView({ value, label }: JsonViewFacts) {
  const [view, setView] = useState<View>({ flipped: new Set(), whole: new Set() });
  const lines = useMemo(() => jsonLines(value, view), [value, view]);
  const flip = (path: string) => setView({ ...view, flipped: toggled(view.flipped, path) });
  const all = (path: string) => setView({ ...view, whole: new Set([...view.whole, path]) });
  return (
    <div class="code">
      <div class="json" tabIndex={0} role="region" aria-label={label}>
        {lines.map((line) => (
          <Line key={`${line.type}${line.path}`} line={line} onFlip={flip} onAll={all} />
        ))}
      </div>
      <CopyButton text={() => JSON.stringify(value, null, 2) ?? ""} label={`Copy ${label}`} />
    </div>
  );
}

interface LineFacts {
  readonly line: JsonLine;
  readonly onFlip: (path: string) => void;
  readonly onAll: (path: string) => void;
}

function Line({ line, onFlip, onAll }: LineFacts) {
  const style = { "--depth": line.depth };
  switch (line.type) {
    case "fold":
      return (
        <div class="json-line" style={style}>
          <button
            type="button"
            class="json-fold"
            aria-expanded={line.isOpen}
            aria-label={`${line.isOpen ? "Fold" : "Unfold"} ${line.name ?? "this"}`}
            onClick={() => onFlip(line.path)}
          >
            <Icon name={line.isOpen ? "down" : "right"} size={12} />
          </button>
          <span>
            <Name name={line.name} />
            <span class="soft">{line.words}</span>
          </span>
        </div>
      );
    case "leaf":
      return (
        <div class="json-line" style={style}>
          <span class="json-pad" />
          <span>
            <Name name={line.name} />
            <span class={`json-${line.kind}`}>{line.text}</span>
            {line.isCut && (
              <button type="button" class="json-more" onClick={() => onAll(line.path)}>
                show all of it
              </button>
            )}
          </span>
        </div>
      );
    case "more":
      return (
        <div class="json-line" style={style}>
          <span class="json-pad" />
          <button type="button" class="json-more" onClick={() => onAll(line.path)}>
            {line.rest} more
          </button>
        </div>
      );
    case "end":
      return (
        <div class="json-line" style={style}>
          <span class="json-pad" />
          <span class="soft">{line.text}</span>
        </div>
      );
  }
}

function Name({ name }: { readonly name: string | null }) {
  return name === null ? null : (
    <>
      <span class="json-name">{name}</span>
      <span class="soft">: </span>
    </>
  );
}

function toggled(paths: ReadonlySet<string>, path: string): ReadonlySet<string> {
  const next = new Set(paths);
  if (!next.delete(path)) next.add(path);
  return next;
}
