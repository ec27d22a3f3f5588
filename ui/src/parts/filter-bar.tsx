// Chips that narrow a list, kept in the address; `/` brings the focus to the search.
import { useRef, useState } from "preact/hooks";
import { clearFilters, type FilterKind, filterValues, setFilter } from "../lib/filters.ts";
import { useKeys } from "../lib/keys.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { TextField } from "./field.tsx";
import { Icon } from "./icon.tsx";
import { Picker } from "./select.tsx";

export interface FilterBarFacts {
  readonly kinds: readonly FilterKind[];
  /** A free search: name in the address, and its placeholder. */
  readonly search?: { readonly name: string; readonly placeholder: string };
}

export function FilterBar({ kinds, search }: FilterBarFacts) {
  const input = useRef<HTMLInputElement>(null);
  const [editing, setEditing] = useState<FilterKind | null>(null);
  const set = kinds.filter(({ name }) => filterValues(name).length > 0);
  const free = kinds.filter((kind) => !set.includes(kind));
  useKeys({ "/": () => input.current?.focus() }, search !== undefined);
  const begin = (name: string) => {
    const kind = kinds.find((one) => one.name === name);
    if (kind?.type === "yes") setFilter(kind.name, ["true"]);
    else if (kind !== undefined) setEditing(kind);
  };
  return (
    <div class="filters" role="search">
      {search !== undefined && (
        <input
          ref={input}
          class="input filter-search"
          type="search"
          aria-label={search.placeholder}
          placeholder={search.placeholder}
          value={filterValues(search.name).join(",")}
          onChange={(event) =>
            setFilter(search.name, event.currentTarget.value.trim() === "" ? [] : [event.currentTarget.value.trim()])
          }
        />
      )}
      {set.map((kind) => (
        <Chip key={kind.name} kind={kind} onEdit={() => setEditing(kind)} />
      ))}
      {free.length > 0 && (
        <Picker
          label="Add a filter"
          placeholder="Filter"
          value=""
          options={free.map(({ name, title }) => ({ value: name, label: title }))}
          onChange={begin}
          searchable={false}
        />
      )}
      {set.length > 1 && (
        <Button kind="bare" small onClick={() => clearFilters(kinds)}>
          Clear all
        </Button>
      )}
      {editing !== null && <FilterDialog kind={editing} onClose={() => setEditing(null)} />}
    </div>
  );
}

function Chip({ kind, onEdit }: { readonly kind: FilterKind; readonly onEdit: () => void }) {
  const words = filterValues(kind.name).map(
    (value) => kind.options?.find((option) => option.value === value)?.label ?? value,
  );
  return (
    <span class="chip">
      <button
        type="button"
        class="chip-words clip"
        onClick={kind.type === "yes" ? undefined : onEdit}
        aria-label={`Change the filter ${kind.title}`}
      >
        <span class="soft">{kind.title}</span> {kind.type === "yes" ? "" : words.join(", ")}
      </button>
      <button type="button" aria-label={`Remove the filter ${kind.title}`} onClick={() => setFilter(kind.name, [])}>
        <Icon name="close" size={12} />
      </button>
    </span>
  );
}

function FilterDialog({ kind, onClose }: { readonly kind: FilterKind; readonly onClose: () => void }) {
  const [values, setValues] = useState<readonly string[]>(filterValues(kind.name));
  const [text, setText] = useState("");
  const [shown, setShown] = useState("");
  const options = kind.options?.filter(({ label }) => label.toLowerCase().includes(shown.toLowerCase())) ?? [];
  const toggle = (value: string) => {
    if (kind.type === "one") setValues(values.includes(value) ? [] : [value]);
    else setValues(values.includes(value) ? values.filter((one) => one !== value) : [...values, value]);
  };
  const apply = (event: Event) => {
    event.preventDefault();
    const typed = text
      .split(",")
      .map((value) => value.trim())
      .filter((value) => value !== "");
    setFilter(kind.name, kind.options === undefined ? typed : values);
    onClose();
  };
  return (
    <Dialog title={`Filter by ${kind.title.toLowerCase()}`} onClose={onClose}>
      <form class="stack" onSubmit={apply}>
        {kind.options === undefined ? (
          <TextField
            label={kind.title}
            value={text === "" ? values.join(", ") : text}
            onInput={setText}
            autoFocus
            hint={kind.type === "many" ? "More than one: with commas between them" : undefined}
          />
        ) : (
          <>
            {kind.options.length > 8 && <TextField label="Search" type="search" value={shown} onInput={setShown} />}
            <div class="checks">
              {options.map((option) => (
                <label key={option.value} class="check">
                  <input
                    type="checkbox"
                    checked={values.includes(option.value)}
                    onChange={() => toggle(option.value)}
                  />
                  <span class="clip">{option.label}</span>
                </label>
              ))}
            </div>
          </>
        )}
        <div class="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit">
            Apply
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
