// A text of any length: its beginning, and the rest when it is asked for, in pieces that are drawn only where they are seen.
import { useMemo, useState } from "preact/hooks";
import { bytes } from "../../lib/format.ts";

/** UTF-16 units shown at first, and in a piece. */
const FIRST = 6_000;
const PIECE = 16_000;

export function LongText({
  text,
  label,
  mono = false,
}: {
  readonly text: string;
  readonly label: string;
  readonly mono?: boolean;
}) {
  const [isWhole, setWhole] = useState(text.length <= FIRST);
  const shown = isWhole ? text : text.slice(0, FIRST);
  const pieces = useMemo(() => piecesOf(shown), [shown]);
  return (
    <div class={`requests-text${mono ? " mono" : ""}`}>
      <div
        class={isWhole && text.length > FIRST ? "requests-text-whole" : undefined}
        {...(isWhole && text.length > FIRST ? { tabIndex: 0, role: "region", "aria-label": label } : {})}
      >
        {pieces.map((piece, index) => (
          <pre key={index} class="requests-piece">
            {piece}
          </pre>
        ))}
      </div>
      {!isWhole && (
        <button type="button" class="requests-more" onClick={() => setWhole(true)}>
          Show all of it ({bytes(text.length)})
        </button>
      )}
    </div>
  );
}

/** Cut behind the end of a line where one is near. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length; ) {
    const most = Math.min(text.length, from + PIECE);
    const line = most < text.length ? text.lastIndexOf("\n", most) : most;
    const to = line > from + PIECE / 2 ? line + (most < text.length ? 1 : 0) : most;
    pieces.push(text.slice(from, to));
    from = to;
  }
  return pieces;
}
