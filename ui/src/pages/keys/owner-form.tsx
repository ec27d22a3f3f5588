// The form of a team or customer, in the pane.
import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import { type ApiError, fieldError, toApiError } from "../../api/errors.ts";
import { refresh, useResource } from "../../api/resource.ts";
import { place, setQuery } from "../../lib/router.ts";
import { Button } from "../../parts/button.tsx";
import { CodeBlock } from "../../parts/code-block.tsx";
import { DetailPane } from "../../parts/detail-pane.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { TextField } from "../../parts/field.tsx";
import { Select } from "../../parts/select.tsx";
import { Note } from "../../parts/status.tsx";
import { toast } from "../../parts/toast.tsx";
import { limitsBody, limitsDraft, NO_LIMITS, withProposed } from "./draft-limits.ts";
import { LimitsEditor } from "./limits-editor.tsx";
import type { Owner, OwnerKind, UiState } from "./types.ts";

const IN_PLACE = /^(name|customer_id|budgets|budget|rate_limit)\b/;

export interface OwnerFormFacts {
  readonly kind: OwnerKind;
  /** Null: a new one. */
  readonly before: Owner | null;
  readonly onChanged: () => unknown;
}

export function OwnerForm({ kind, before, onChanged }: OwnerFormFacts) {
  const [name, setName] = useState(before?.name ?? "");
  const [customer, setCustomer] = useState(before?.customer_id ?? "");
  const [limits, setLimits] = useState(() =>
    withProposed(before === null ? NO_LIMITS : limitsDraft(before), place.value.query),
  );
  const [error, setError] = useState<ApiError | null>(null);
  const isLocked = useResource<UiState>("/api/ui/state").data?.config_locked === true;
  const list = `/api/governance/${kind}s`;
  const body = {
    name: name.trim(),
    ...(kind === "team" && (customer !== "" || before !== null) ? { customer_id: customer || null } : {}),
    ...limitsBody(limits, before),
  };
  const save = async () => {
    setError(null);
    try {
      const answer = await (before === null
        ? send<Readonly<Record<string, Owner>>>("POST", list, body)
        : send<Readonly<Record<string, Owner>>>("PUT", `${list}/${encodeURIComponent(before.id)}`, body));
      void refresh("/api/governance/");
      await onChanged();
      toast({ text: `${name} is saved.`, tone: "good" });
      setQuery({ open: answer[kind]?.id ?? null, edit: null, budget: null });
    } catch (thrown) {
      setError(toApiError(thrown));
    }
  };
  const close = () => setQuery({ open: before?.id ?? null, edit: null, budget: null });
  return (
    <DetailPane
      id={`form-${before?.id ?? "new"}`}
      title={before === null ? `New ${kind}` : `Edit ${before.name}`}
      onClose={close}
    >
      <TextField label="Name" value={name} onInput={setName} error={fieldError(error, "name")} autoFocus />
      {kind === "team" && (
        <CustomerField
          value={customer}
          known={before?.customer?.name ?? ""}
          onChange={setCustomer}
          error={fieldError(error, "customer_id")}
        />
      )}
      <LimitsEditor draft={limits} onChange={setLimits} error={error} />
      {error !== null && !IN_PLACE.test(error.param ?? "") && (
        <ErrorPanel what={`The ${kind} was not saved.`} error={error} />
      )}
      {isLocked ? (
        <>
          <Note tone="info">
            {before?.source.place ?? "The file"} rules alone. Write this under governance.{kind}s there.
          </Note>
          <CodeBlock code={JSON.stringify(body, null, 2)} label="the entry for the file" />
        </>
      ) : (
        <div class="row">
          <Button kind="primary" onClick={save}>
            {before === null ? `Create ${kind}` : "Save changes"}
          </Button>
          <Button onClick={close}>Cancel</Button>
        </div>
      )}
    </DetailPane>
  );
}

function CustomerField({
  value,
  known,
  onChange,
  error,
}: {
  readonly value: string;
  readonly known: string;
  readonly onChange: (id: string) => void;
  readonly error: string | undefined;
}) {
  const [text, setText] = useState("");
  const path = `/api/governance/customers?limit=25&sort_by=name&search=${encodeURIComponent(text)}`;
  const found = useResource<{ customers: readonly Owner[] }>(path).data?.customers ?? [];
  const options = [{ value: "", label: "None" }, ...found.map(({ id, name }) => ({ value: id, label: name }))];
  const all = options.some((one) => one.value === value) ? options : [...options, { value, label: known || value }];
  return <Select label="Customer" value={value} options={all} onSearch={setText} onChange={onChange} error={error} />;
}
