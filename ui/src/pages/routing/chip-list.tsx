// Some of many: what was taken stands as chips, more is added from a list.
import { Icon } from "../../parts/icon.tsx";
import { type Option, Select } from "../../parts/select.tsx";

export interface ChipListFacts {
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | undefined;
  readonly values: readonly string[];
  readonly options: readonly Option[];
  readonly onChange: (values: readonly string[]) => void;
  readonly onSearch?: (text: string) => void;
  readonly allowOther?: boolean;
  readonly placeholder?: string;
}

export function ChipList({ values, onChange, options, ...facts }: ChipListFacts) {
  const left = options.filter(({ value }) => !values.includes(value));
  return (
    <div class="stack-tight">
      <Select
        {...facts}
        value=""
        options={left}
        placeholder={facts.placeholder ?? "Add"}
        onChange={(value) => value !== "" && !values.includes(value) && onChange([...values, value])}
      />
      {values.length > 0 && (
        <ul class="routing-chips" aria-label={facts.label}>
          {values.map((value) => (
            <li key={value} class="chip">
              <span class="clip">{options.find((option) => option.value === value)?.label ?? value}</span>
              <button
                type="button"
                aria-label={`Remove ${value}`}
                onClick={() => onChange(values.filter((one) => one !== value))}
              >
                <Icon name="close" size={12} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
