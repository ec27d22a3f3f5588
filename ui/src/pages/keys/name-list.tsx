// Names that are taken or not: all of them, or those that were picked from a search.
import { useState } from "preact/hooks";
import { useResource } from "../../api/resource.ts";
import { Button } from "../../parts/button.tsx";
import { Picker } from "../../parts/select.tsx";

export interface NameListFacts {
  /** `Allowed models of openai`. */
  readonly label: string;
  /** Said where all are taken. */
  readonly all: string;
  /** Null: all. */
  readonly names: readonly string[] | null;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly onChange: (names: readonly string[] | null) => void;
  readonly onSearch?: (text: string) => void;
  readonly allowOther?: boolean;
  /** On the button while all are taken. */
  readonly begin?: string;
}

export function NameList(facts: NameListFacts) {
  const { label, all, names, options, onChange, onSearch, allowOther } = facts;
  const shown = (name: string) => options.find(({ value }) => value === name)?.label ?? name;
  const left = options.filter(({ value }) => names?.includes(value) !== true);
  return (
    <div class="keys-names" role="group" aria-label={label}>
      {names === null && <span class="soft">{all}</span>}
      {names?.length === 0 && <span class="soft">none</span>}
      {names?.map((name) => (
        <span key={name} class="chip">
          <span class="clip">{shown(name)}</span>
          <Button
            kind="bare"
            small
            icon="close"
            label={`Take ${shown(name)} off`}
            onClick={() => onChange(names.length === 1 ? null : names.filter((one) => one !== name))}
          />
        </span>
      ))}
      <span class="keys-add">
        <Picker
          label={label}
          value=""
          placeholder={names === null ? (facts.begin ?? "Only some…") : "Add…"}
          options={left}
          onChange={(name) => onChange([...(names ?? []), name])}
          {...(onSearch === undefined ? {} : { onSearch })}
          {...(allowOther === undefined ? {} : { allowOther })}
        />
      </span>
    </div>
  );
}

/** Models of a provider, searched on the gateway. */
export function ModelList(
  facts: Omit<NameListFacts, "options" | "onSearch" | "allowOther"> & { readonly provider: string },
) {
  const [text, setText] = useState("");
  const path = `/api/models?limit=30&provider=${encodeURIComponent(facts.provider)}&query=${encodeURIComponent(text)}`;
  const found = useResource<{ models: readonly { name: string }[] }>(path);
  const options = (found.data?.models ?? []).map(({ name }) => ({ value: name, label: name }));
  return <NameList {...facts} options={options} onSearch={setText} allowOther />;
}
