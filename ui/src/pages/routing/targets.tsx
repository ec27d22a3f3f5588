// Where a rule sends requests: targets with the split of the traffic between them.
import { type ApiError, fieldError } from "../../api/errors.ts";
import { Button } from "../../parts/button.tsx";
import { Select } from "../../parts/select.tsx";
import { SplitBar } from "../../parts/split-bar.tsx";
import { Note } from "../../parts/status.tsx";
import { addTarget, removeTarget, type TargetDraft, targetNames } from "./rule-draft.ts";
import type { FlatKey } from "./types.ts";
import { useModels, useProviderKeys, useProviders } from "./use-names.ts";

export interface TargetsFacts {
  readonly targets: readonly TargetDraft[];
  readonly error: ApiError | null;
  readonly onChange: (targets: readonly TargetDraft[]) => void;
}

export function Targets({ targets, error, onChange }: TargetsFacts) {
  const providers = useProviders();
  const keys = useProviderKeys();
  const wrong = fieldError(error, "targets");
  const names = targetNames(targets);
  return (
    <section class="stack" aria-label="Targets">
      <h3>Send it to</h3>
      {targets.map((target) => (
        <Target
          key={target.id}
          target={target}
          providers={providers}
          keys={keys}
          onChange={(part) => onChange(targets.map((one) => (one.id === target.id ? { ...one, ...part } : one)))}
          onRemove={targets.length > 1 ? () => onChange(removeTarget(targets, target.id)) : undefined}
        />
      ))}
      {targets.length > 1 && (
        <SplitBar
          label="Split of the traffic"
          parts={targets.map((target, index) => ({ name: names[index] ?? "", share: target.share }))}
          onChange={(shares) => onChange(targets.map((target, index) => ({ ...target, share: shares[index] ?? 0 })))}
        />
      )}
      {wrong !== undefined && <Note tone="bad">{wrong}</Note>}
      <div class="row">
        <Button small icon="plus" onClick={() => onChange(addTarget(targets))}>
          Add a target
        </Button>
      </div>
    </section>
  );
}

interface TargetFacts {
  readonly target: TargetDraft;
  readonly providers: readonly string[];
  readonly keys: readonly FlatKey[];
  readonly onChange: (part: Partial<TargetDraft>) => void;
  readonly onRemove: (() => void) | undefined;
}

function Target({ target, providers, keys, onChange, onRemove }: TargetFacts) {
  const models = useModels(target.provider);
  const own = keys.filter(({ provider }) => target.provider === "" || provider === target.provider);
  const split = (model: string) => {
    const slash = model.indexOf("/");
    if (target.provider !== "" || slash < 0) return onChange({ model });
    onChange({ provider: model.slice(0, slash), model: model.slice(slash + 1) });
  };
  return (
    <div class="routing-target">
      <Select
        label="Provider"
        value={target.provider}
        placeholder="The request’s"
        options={[{ value: "", label: "The request’s" }, ...providers.map((name) => ({ value: name, label: name }))]}
        allowOther
        onChange={(provider) => onChange({ provider, keyId: "" })}
      />
      <Select
        label="Model"
        value={target.model}
        placeholder="The request’s"
        options={[{ value: "", label: "The request’s" }, ...models.options]}
        onSearch={models.onSearch}
        allowOther
        onChange={split}
      />
      <Select
        label="Key"
        value={target.keyId}
        placeholder="Any"
        options={[
          { value: "", label: "Any" },
          ...own.map((key) => ({ value: key.key_id, label: key.name, hint: key.provider })),
        ]}
        onChange={(keyId) => onChange({ keyId })}
      />
      {onRemove !== undefined && <Button kind="bare" icon="close" label="Remove the target" onClick={onRemove} />}
    </div>
  );
}
