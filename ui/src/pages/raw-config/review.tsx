// What a text would change, entry by entry, before it is saved.
import type { ApiError } from "../../api/errors.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { Badge, Note } from "../../parts/status.tsx";
import type { RawChange, RawCheck } from "./raw-api.ts";

export interface ReviewFacts {
  readonly check: RawCheck;
  readonly error: ApiError | null;
  readonly onSave: () => Promise<void>;
  /** Takes the text that is in force now; what is typed is copied before. */
  readonly onReload: () => Promise<void>;
  readonly onClose: () => void;
}

const SHOWN = 50;
const WORDS = { add: "new", change: "changed", remove: "removed" } as const;
const TONES = { add: "good", change: "info", remove: "bad" } as const;

export function Review({ check, error, onSave, onReload, onClose }: ReviewFacts) {
  const { diff, restart } = check;
  const isConflict = error?.status === 409;
  return (
    <Dialog
      title="What this changes"
      wide
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Keep editing</Button>
          {isConflict ? (
            <Button kind="primary" onClick={onReload}>
              Copy mine and load the present one
            </Button>
          ) : (
            <Button kind="primary" onClick={onSave}>
              Save
            </Button>
          )}
        </>
      }
    >
      {isConflict && (
        <Note tone="warn">
          The configuration was changed by somebody else meanwhile; nothing was saved. Load the present one and make
          your change there: your text goes to the clipboard.
        </Note>
      )}
      {error !== null && !isConflict && <ErrorPanel what="Nothing was saved." error={error} />}
      {restart.length > 0 && (
        <Note tone="warn">
          Holds from the next start on: <code>{restart.join(", ")}</code>
        </Note>
      )}
      {diff.length === 0 && <p class="soft">No entry changes: spaces, order or what has no effect.</p>}
      <ul class="changes">
        {diff.slice(0, SHOWN).map((change) => (
          <li key={`${change.kind}/${change.id}`}>
            <Change change={change} />
          </li>
        ))}
      </ul>
      {diff.length > SHOWN && <p class="soft">{`and ${diff.length - SHOWN} entries more`}</p>}
    </Dialog>
  );
}

function Change({ change }: { readonly change: RawChange }) {
  const { op, kind, name, id, before, after } = change;
  return (
    <div class="stack-tight">
      <p class="row">
        <Badge tone={TONES[op]}>{WORDS[op]}</Badge>
        <span class="strong">{kind}</span>
        <code>{name || id}</code>
      </p>
      <div class="change-sides">
        {before !== undefined && <Side sign="−" value={before} />}
        {after !== undefined && <Side sign="+" value={after} />}
      </div>
    </div>
  );
}

function Side({ sign, value }: { readonly sign: "−" | "+"; readonly value: unknown }) {
  const text = JSON.stringify(value, null, 2) ?? "";
  return (
    <pre class="change-side" data-sign={sign} tabIndex={0} role="region" aria-label={sign === "+" ? "After" : "Before"}>
      {text
        .split("\n")
        .map((line) => `${sign} ${line}`)
        .join("\n")}
    </pre>
  );
}
