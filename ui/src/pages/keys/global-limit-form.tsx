// The form of a limit for everybody: of a model, or of a whole provider.
import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import { type ApiError, fieldError, toApiError } from "../../api/errors.ts";
import { refresh, useResource } from "../../api/resource.ts";
import { setQuery } from "../../lib/router.ts";
import { Button } from "../../parts/button.tsx";
import { CodeBlock } from "../../parts/code-block.tsx";
import { DetailPane } from "../../parts/detail-pane.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { TextField } from "../../parts/field.tsx";
import { Select } from "../../parts/select.tsx";
import { Note } from "../../parts/status.tsx";
import { Segments } from "../../parts/switch.tsx";
import { toast } from "../../parts/toast.tsx";
import { limitsBody, limitsDraft, NO_LIMITS } from "./draft-limits.ts";
import { limitKey, limitName, limitPath } from "./limit-names.ts";
import { LimitsEditor } from "./limits-editor.tsx";
import type { GlobalLimit } from "./types.ts";

const OF = [
  { value: "model", label: "A model" },
  { value: "provider", label: "A provider" },
] as const;

export interface GlobalLimitFormFacts {
  /** Null: a new one. */
  readonly before: GlobalLimit | null;
  readonly isLocked: boolean;
  readonly onChanged: () => unknown;
}

export function GlobalLimitForm({ before, isLocked, onChanged }: GlobalLimitFormFacts) {
  const [of, setOf] = useState<"model" | "provider">(before !== null && before.id === undefined ? "provider" : "model");
  const [model, setModel] = useState(before?.model_name ?? "");
  const [provider, setProvider] = useState(before?.provider ?? "");
  const [limits, setLimits] = useState(before === null ? NO_LIMITS : limitsDraft(before));
  const [error, setError] = useState<ApiError | null>(null);
  const providers = useResource<{ providers: readonly { name: string }[] }>("/api/providers").data?.providers ?? [];
  const isModel = of === "model";
  const body = {
    ...(isModel
      ? { model_name: model.trim(), ...(provider !== "" || before !== null ? { provider: provider || null } : {}) }
      : {}),
    ...limitsBody(limits, before),
  };
  const save = async () => {
    setError(null);
    try {
      if (before !== null) await send("PUT", limitPath(before), body);
      else if (isModel) await send("POST", "/api/governance/model-configs", body);
      else await send("PUT", `/api/governance/providers/${encodeURIComponent(provider)}`, body);
      void refresh("/api/governance/");
      await onChanged();
      toast({ text: "The limit is saved.", tone: "good" });
      setQuery({ open: before === null ? null : limitKey(before), edit: null });
    } catch (thrown) {
      setError(toApiError(thrown));
    }
  };
  const close = () => setQuery({ open: before === null ? null : limitKey(before), edit: null });
  const options = [
    ...(isModel ? [{ value: "", label: "Any provider" }] : []),
    ...providers.map(({ name }) => ({ value: name, label: name })),
  ];
  const isInPlace = /^(model_name|provider|budgets|budget|rate_limit)\b/.test(error?.param ?? "");
  return (
    <DetailPane id="limit-form" title={before === null ? "New limit" : `Edit ${limitName(before)}`} onClose={close}>
      {before === null && <Segments label="Limit of" value={of} options={OF} onChange={setOf} />}
      {isModel && (
        <TextField
          label="Model"
          value={model}
          onInput={setModel}
          hint="As the provider spells it; * is every model."
          error={fieldError(error, "model_name")}
          mono
        />
      )}
      {(isModel || before === null) && (
        <Select
          label="Provider"
          value={provider}
          options={options}
          onChange={setProvider}
          error={fieldError(error, "provider")}
        />
      )}
      <LimitsEditor draft={limits} onChange={setLimits} error={error} />
      {error !== null && !isInPlace && <ErrorPanel what="The limit was not saved." error={error} />}
      {isLocked ? (
        <>
          <Note tone="info">{before?.source.place ?? "The file"} rules alone. Write this there.</Note>
          <CodeBlock code={JSON.stringify(body, null, 2)} label="the entry for the file" />
        </>
      ) : (
        <div class="row">
          <Button kind="primary" onClick={save} disabled={!isModel && provider === ""}>
            {before === null ? "Create limit" : "Save changes"}
          </Button>
          <Button onClick={close}>Cancel</Button>
        </div>
      )}
    </DetailPane>
  );
}
