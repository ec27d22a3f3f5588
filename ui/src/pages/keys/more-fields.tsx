// Fields of a virtual key that few keys need: expiry, content, headers, prices; and whom it belongs to.
import { useState } from "preact/hooks";
import { type ApiError, fieldError } from "../../api/errors.ts";
import { useResource } from "../../api/resource.ts";
import { Card } from "../../parts/card.tsx";
import { Field, TextField } from "../../parts/field.tsx";
import { Select } from "../../parts/select.tsx";
import { Switch } from "../../parts/switch.tsx";
import type { KeyDraft } from "./draft.ts";
import type { Owner } from "./types.ts";

const CONTENT = [
  { value: "", label: "As the whole gateway" },
  { value: "off", label: "Off: nothing of it" },
  { value: "ends", label: "Ends: last text and answer" },
  { value: "full", label: "Full: everything" },
  { value: "redacted", label: "Redacted: without secrets and people" },
];
const UNPRICED = [
  { value: "", label: "As the whole gateway" },
  { value: "allow", label: "Allow" },
  { value: "deny", label: "Refuse" },
];
const STORE_DOWN = [
  { value: "serve", label: "Serve" },
  { value: "refuse", label: "Refuse" },
];

export interface MoreFacts {
  readonly draft: KeyDraft;
  readonly onChange: (draft: KeyDraft) => void;
  readonly error: ApiError | null;
}

export function MoreFields({ draft, onChange, error }: MoreFacts) {
  const set = (changes: Partial<KeyDraft>) => onChange({ ...draft, ...changes });
  return (
    <Card title="More">
      <Switch label="Switched on" on={draft.active} onChange={(active) => set({ active })} />
      <div class="grid">
        <Field label="Expires (UTC)" error={fieldError(error, "expires_at")} hint="Empty: never." optional>
          {(ids) => (
            <input
              {...ids}
              class="input"
              type="datetime-local"
              value={draft.expires}
              onInput={(event) => set({ expires: event.currentTarget.value })}
            />
          )}
        </Field>
        <Select
          label="Content that the log keeps"
          value={draft.content}
          options={CONTENT}
          onChange={(content) => set({ content })}
          error={fieldError(error, "content_level")}
        />
        <Select
          label="Models without a price"
          value={draft.unpriced}
          options={UNPRICED}
          onChange={(unpriced) => set({ unpriced })}
          error={fieldError(error, "unpriced_models")}
        />
        <Select
          label="While limits cannot be counted"
          value={draft.storeDown}
          options={STORE_DOWN}
          onChange={(storeDown) => set({ storeDown })}
          error={fieldError(error, "on_store_down")}
        />
        <TextField
          label="Required headers"
          value={draft.headers}
          onInput={(headers) => set({ headers })}
          error={fieldError(error, "required_headers")}
          hint="Names, with commas between them."
          mono
          optional
        />
      </div>
    </Card>
  );
}

/** A team, a customer, or nobody; searched on the gateway. */
export function OwnerField({
  value,
  known,
  onChange,
  error,
}: {
  readonly value: string;
  /** Name of the present owner. */
  readonly known: string;
  readonly onChange: (owner: string) => void;
  readonly error: string | undefined;
}) {
  const [text, setText] = useState("");
  const query = `?limit=25&sort_by=name&order=asc&search=${encodeURIComponent(text)}`;
  const teams = useResource<{ teams: readonly Owner[] }>(`/api/governance/teams${query}`).data?.teams ?? [];
  const customers =
    useResource<{ customers: readonly Owner[] }>(`/api/governance/customers${query}`).data?.customers ?? [];
  const found = [
    { value: "", label: "Nobody" },
    ...teams.map(({ id, name }) => ({ value: `team:${id}`, label: name, hint: "team" })),
    ...customers.map(({ id, name }) => ({ value: `customer:${id}`, label: name, hint: "customer" })),
  ];
  const options = found.some((one) => one.value === value)
    ? found
    : [...found, { value, label: known || value.slice(value.indexOf(":") + 1) }];
  return (
    <Select label="Belongs to" value={value} options={options} onSearch={setText} onChange={onChange} error={error} />
  );
}
