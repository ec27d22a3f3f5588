// The builder of a rule's condition: comparisons in groups of and/or.
import { Button } from "../../parts/button.tsx";
import { Picker } from "../../parts/select.tsx";
import { Segments } from "../../parts/switch.tsx";
import {
  type Comparison,
  FIELDS,
  freshComparison,
  type Group,
  type Item,
  type Join,
  OPERATOR_WORDS,
  type Operator,
  operatorsOf,
} from "./cel.ts";

const JOINS: readonly { readonly value: Join; readonly label: string }[] = [
  { value: "and", label: "All hold" },
  { value: "or", label: "Any holds" },
];
const DEEPEST = 3;
const FIELD_OPTIONS = FIELDS.map(({ field, label }) => ({ value: field, label }));
const VALUES: Readonly<Record<string, readonly string[]>> = {
  complexity_tier: ["SIMPLE", "MEDIUM", "COMPLEX", "REASONING"],
};

export interface BuilderFacts {
  readonly group: Group;
  readonly onChange: (group: Group) => void;
  readonly onRemove?: () => void;
  readonly depth?: number;
}

export function Builder({ group, onChange, onRemove, depth = 1 }: BuilderFacts) {
  const replace = (index: number, item: Item | null) =>
    onChange({
      ...group,
      items: group.items.flatMap((old, at) => (at !== index ? [old] : item === null ? [] : [item])),
    });
  const add = (item: Item) => onChange({ ...group, items: [...group.items, item] });
  return (
    <div class="routing-group" role="group" aria-label={depth === 1 ? "Condition" : "Group of conditions"}>
      <div class="row apart">
        <Segments
          label="How they are joined"
          value={group.join}
          options={JOINS}
          onChange={(join) => onChange({ ...group, join })}
        />
        {onRemove !== undefined && (
          <Button small kind="bare" icon="trash" label="Remove the group" onClick={onRemove} />
        )}
      </div>
      {group.items.length === 0 && <p class="soft small">No condition: every request.</p>}
      {group.items.map((item, index) =>
        item.type === "group" ? (
          <Builder
            key={index}
            group={item}
            depth={depth + 1}
            onChange={(changed) => replace(index, changed)}
            onRemove={() => replace(index, null)}
          />
        ) : (
          <Condition
            key={index}
            item={item}
            onChange={(changed) => replace(index, changed)}
            onRemove={() => replace(index, null)}
          />
        ),
      )}
      <div class="row">
        <Button small icon="plus" onClick={() => add(freshComparison())}>
          Add a condition
        </Button>
        {depth < DEEPEST && (
          <Button
            small
            kind="bare"
            icon="plus"
            onClick={() =>
              add({ type: "group", join: group.join === "and" ? "or" : "and", items: [freshComparison()] })
            }
          >
            Add a group
          </Button>
        )}
      </div>
    </div>
  );
}

interface ConditionFacts {
  readonly item: Comparison;
  readonly onChange: (item: Comparison) => void;
  readonly onRemove: () => void;
}

function Condition({ item, onChange, onRemove }: ConditionFacts) {
  const operators = operatorsOf(item.field);
  const isMap = item.field === "headers" || item.field === "params";
  const choose = (field: string) => {
    const operator = operatorsOf(field).includes(item.operator) ? item.operator : (operatorsOf(field)[0] as Operator);
    onChange({ ...item, field, operator });
  };
  return (
    <div class="routing-condition">
      <Picker label="What" value={item.field} options={FIELD_OPTIONS} searchable={false} onChange={choose} />
      <Picker
        label="Comparison"
        value={item.operator}
        options={operators.map((operator) => ({ value: operator, label: OPERATOR_WORDS[operator] }))}
        searchable={false}
        onChange={(operator) => onChange({ ...item, operator: operator as Operator })}
      />
      <Button small kind="bare" icon="close" label="Remove the condition" onClick={onRemove} />
      {isMap && (
        <input
          class={`input mono${item.operator === "exists" ? " routing-wide" : ""}`}
          aria-label={item.field === "headers" ? "Name of the header" : "Name of the parameter"}
          placeholder={item.field === "headers" ? "x-tier" : "temperature"}
          value={item.name}
          onInput={(event) => onChange({ ...item, name: event.currentTarget.value })}
        />
      )}
      {item.operator !== "exists" && (
        <Value item={item} isWide={!isMap} onChange={(value) => onChange({ ...item, value })} />
      )}
    </div>
  );
}

function Value({
  item,
  isWide,
  onChange,
}: {
  readonly item: Comparison;
  readonly isWide: boolean;
  readonly onChange: (value: string) => void;
}) {
  const known = item.operator === "in" ? undefined : VALUES[item.field];
  if (known !== undefined)
    return (
      <div class={isWide ? "routing-wide" : ""}>
        <Picker
          label="Value"
          value={item.value}
          options={known.map((value) => ({ value, label: value }))}
          onChange={onChange}
        />
      </div>
    );
  return (
    <input
      class={`input mono${isWide ? " routing-wide" : ""}`}
      aria-label="Value"
      placeholder={item.operator === "in" ? "one, two, three" : ""}
      value={item.value}
      onInput={(event) => onChange(event.currentTarget.value)}
    />
  );
}
