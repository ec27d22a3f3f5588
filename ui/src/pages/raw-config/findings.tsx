// What the check found in the text: each with its line, which it brings to sight, and what to do.
import { Icon } from "../../parts/icon.tsx";
import type { RawDiagnostic } from "./raw-api.ts";

const MOST = 100;

export function Findings({
  found,
  onGo,
}: {
  readonly found: readonly RawDiagnostic[];
  readonly onGo: (line: number, column: number) => void;
}) {
  if (found.length === 0) return null;
  return (
    <ul class="findings" aria-label="What was found in the text">
      {found.slice(0, MOST).map((one) => (
        <li key={`${one.line}:${one.column}:${one.message}`} data-severity={one.severity}>
          <Icon name="warning" size={14} />
          <button type="button" disabled={one.line === 0} onClick={() => onGo(one.line, one.column)}>
            <span class="mono faint">{one.line === 0 ? "–" : `${one.line}:${one.column}`}</span>
            <span>
              <span class="unseen">{`${one.severity}: `}</span>
              {one.message}
              {one.hint !== "" && <span class="soft"> {one.hint}</span>}
            </span>
          </button>
        </li>
      ))}
      {found.length > MOST && <li class="soft">{`${found.length - MOST} more`}</li>}
    </ul>
  );
}
