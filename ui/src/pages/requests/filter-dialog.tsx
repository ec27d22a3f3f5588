// One filter: its values to tick, the most frequent first, or a field to type into.
import { useEffect, useState } from "preact/hooks";
import { useResource } from "../../api/resource.ts";
import { setQuery } from "../../lib/router.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { TextField } from "../../parts/field.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { type FilterEntry, listOf, STATUS_VALUES, TAG } from "./filters.ts";

export interface FilterDialogFacts {
  readonly entry: FilterEntry;
  readonly value: string;
  readonly onClose: () => void;
}

export function FilterDialog({ entry, value, onClose }: FilterDialogFacts) {
  const [text, setText] = useState(value);
  const [tag, setTag] = useState(entry.name.slice(TAG.length));
  const isTag = entry.name.startsWith(TAG);
  const problem = problemOf(entry, text);
  const apply = (event: Event) => {
    event.preventDefault();
    if (problem !== undefined || (isTag && tag.trim() === "")) return;
    const name = isTag ? TAG + tag.trim() : entry.name;
    setQuery({ [entry.name]: null, [name]: text.trim() === "" ? null : text.trim() }, { replace: false });
    onClose();
  };
  return (
    <Dialog title={`Filter by ${entry.label.toLowerCase()}`} onClose={onClose}>
      <form class="stack" onSubmit={apply}>
        {isTag && (
          <TextField label="Name of the tag" value={tag} onInput={setTag} autoFocus hint="As in x-bf-dim-NAME" />
        )}
        {entry.kind === "choice" ? (
          <Values entry={entry} value={text} onChange={setText} />
        ) : (
          <TextField
            label={isTag ? "Value" : entry.label}
            value={text}
            onInput={setText}
            autoFocus={!isTag}
            unit={entry.unit ?? ""}
            error={problem}
            hint={isTag ? "More than one: with commas between them" : undefined}
          />
        )}
        <div class="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={problem !== undefined}>
            Apply
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function problemOf({ kind }: FilterEntry, text: string): string | undefined {
  const value = text.trim();
  if (value === "") return undefined;
  if (kind === "number" && !/^\d{1,12}$/.test(value)) return "A whole number, such as 500";
  if (kind === "money" && !/^\d{1,7}(\.\d{1,9})?$/.test(value)) return "An amount in dollars, such as 0.25";
  return undefined;
}

interface Value {
  readonly value: string;
  readonly label: string;
}

/** ms of silence before what is typed is searched for. */
const PAUSE = 200;

function Values({
  entry,
  value,
  onChange,
}: {
  readonly entry: FilterEntry;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const [typed, setTyped] = useState("");
  const [asked, setAsked] = useState("");
  useEffect(() => {
    const timer = window.setTimeout(() => setAsked(typed.trim()), PAUSE);
    return () => window.clearTimeout(timer);
  }, [typed]);
  const list = entry.values;
  const path =
    list === undefined ? null : `/api/logs/filterdata?dimensions=${list}&limit=100&q=${encodeURIComponent(asked)}`;
  const { data, error, isLoading, reload } =
    useResource<Readonly<Record<string, readonly (string | { id: string; name: string })[]>>>(path);
  const told: readonly Value[] = list === undefined ? STATUS_VALUES : (data?.[list] ?? []).map(valueOf);
  const set = listOf(value);
  const shown = [
    ...set.filter((one) => !told.some((other) => other.value === one)).map((one) => ({ value: one, label: one })),
    ...told,
  ];
  const toggle = (one: string) =>
    onChange((set.includes(one) ? set.filter((other) => other !== one) : [...set, one]).join(","));
  if (error !== null && data === undefined)
    return <ErrorPanel what="The values could not be read." error={error} onRetry={reload} />;
  return (
    <>
      {list !== undefined && <TextField label="Search" type="search" value={typed} onInput={setTyped} autoFocus />}
      {isLoading ? (
        <Skeleton lines={4} />
      ) : (
        <div class="checks" role="group" aria-label={entry.label}>
          {shown.map((one) => (
            <label key={one.value} class="check">
              <input type="checkbox" checked={set.includes(one.value)} onChange={() => toggle(one.value)} />
              <span class="clip">{one.label}</span>
            </label>
          ))}
          {shown.length === 0 && (
            <p class="soft">{asked === "" ? "No request has any." : `Nothing fits “${asked}”.`}</p>
          )}
        </div>
      )}
    </>
  );
}

function valueOf(one: string | { readonly id: string; readonly name: string }): Value {
  return typeof one === "string" ? { value: one, label: one } : { value: one.id, label: one.name };
}
