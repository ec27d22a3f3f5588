// The filters over the list: a chip for each that is set, a menu of the others, and a search in contents.
import { useRef, useState } from "preact/hooks";
import { useResource } from "../../api/resource.ts";
import { useKeys } from "../../lib/keys.ts";
import { setQuery } from "../../lib/router.ts";
import { Button } from "../../parts/button.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Picker } from "../../parts/select.tsx";
import { FilterDialog } from "./filter-dialog.tsx";
import { type Chosen, chipText, entryOf, FILTERS, type FilterEntry, TAG } from "./filters.ts";

/** Stands for a tag whose name is still to be chosen. */
const ANY_TAG: FilterEntry = { name: TAG, label: "Tag", kind: "text", group: "Who" };

/** Sets a filter in the address; an empty value takes it away. */
export function setFilter(name: string, value: string): void {
  setQuery({ [name]: value === "" ? null : value }, { replace: false });
}

export function FilterBar({ chosen }: { readonly chosen: readonly Chosen[] }) {
  const input = useRef<HTMLInputElement>(null);
  const [editing, setEditing] = useState<FilterEntry | null>(null);
  const names = useNames(chosen);
  useKeys({ "/": () => input.current?.focus() });
  const chips = chosen.filter(({ name }) => name !== "content_search");
  const search = chosen.find(({ name }) => name === "content_search")?.value ?? "";
  const free = [
    ...FILTERS.filter((entry) => entry.name !== "content_search" && !chips.some(({ name }) => name === entry.name)),
    ANY_TAG,
  ];
  const begin = (name: string) => {
    const entry = free.find((one) => one.name === name);
    if (entry?.kind === "flag") setFilter(entry.name, "true");
    else if (entry !== undefined) setEditing(entry);
  };
  return (
    <div class="filters" role="search" aria-label="Filters of the requests">
      <input
        key={search}
        ref={input}
        class="input filter-search"
        type="search"
        aria-label="Search in what was asked and answered"
        placeholder="Search in contents  ( / )"
        defaultValue={search}
        onChange={(event) => setFilter("content_search", event.currentTarget.value.trim())}
      />
      {chips.map((one) => (
        <Chip
          key={one.name + one.value}
          chosen={one}
          text={chipText(one, names)}
          onEdit={() => setEditing(entryOf(one.name))}
        />
      ))}
      <Picker
        label="Add a filter"
        placeholder="Filter"
        value=""
        searchable
        options={free.map(({ name, label, group }) => ({ value: name, label, hint: group }))}
        onChange={begin}
      />
      {chips.length > 1 && (
        <Button
          kind="bare"
          small
          onClick={() => setQuery(Object.fromEntries(chips.map(({ name }) => [name, null])), { replace: false })}
        >
          Clear all
        </Button>
      )}
      {editing !== null && (
        <FilterDialog
          entry={editing}
          value={chosen.find(({ name }) => name === editing.name)?.value ?? ""}
          onClose={() => setEditing(null)}
        />
      )}
    </div>
  );
}

function Chip({
  chosen,
  text,
  onEdit,
}: {
  readonly chosen: Chosen;
  readonly text: string;
  readonly onEdit: () => void;
}) {
  const entry = entryOf(chosen.name);
  return (
    <span class="chip">
      {entry.kind === "flag" ? (
        <span class="clip">{text}</span>
      ) : (
        <button
          type="button"
          class="chip-words clip"
          title={text}
          aria-label={`Change the filter ${text}`}
          onClick={onEdit}
        >
          {text}
        </button>
      )}
      <button type="button" aria-label={`Remove the filter ${text}`} onClick={() => setFilter(chosen.name, "")}>
        <Icon name="close" size={12} />
      </button>
    </span>
  );
}

type Values = Readonly<Record<string, readonly (string | { readonly id: string; readonly name: string })[]>>;

/** What ids are called; asked for only where a chip shows one. */
function useNames(chosen: readonly Chosen[]): (name: string, id: string) => string {
  const lists = chosen.flatMap(({ name }) => (name.endsWith("_ids") ? (entryOf(name).values ?? []) : []));
  const path =
    lists.length === 0 ? null : `/api/logs/filterdata?limit=1000&dimensions=${[...new Set(lists)].join(",")}`;
  const { data } = useResource<Values>(path);
  return (name, id) => {
    const values = data?.[entryOf(name).values ?? ""];
    const found = values?.find((one) => typeof one !== "string" && one.id === id);
    return found === undefined || typeof found === "string" ? (statusWord(name, id) ?? id) : found.name;
  };
}

function statusWord(name: string, value: string): string | undefined {
  return name === "status" ? { success: "success", error: "failed", cancelled: "cancelled" }[value] : undefined;
}
