// Keys that the gateway's environment has for providers nobody configured: a tick box each, and one click.
import { useState } from "preact/hooks";
import { type ApiError, toApiError } from "../../api/errors.ts";
import { Button } from "../../parts/button.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import type { FirstTarget } from "./start-prompt.tsx";
import { storeKey } from "./store-key.ts";
import type { FoundVariable, ProviderType } from "./types.ts";

export interface FoundFacts {
  readonly found: readonly FoundVariable[];
  readonly types: readonly ProviderType[];
  readonly onAdded: (target: FirstTarget) => void;
}

export function FoundKeys({ found, types, onAdded }: FoundFacts) {
  const [dropped, setDropped] = useState<ReadonlySet<string>>(new Set());
  const [error, setError] = useState<ApiError | null>(null);
  if (found.length === 0) return null;
  const taken = found.filter(({ provider }) => !dropped.has(provider));
  const use = async () => {
    setError(null);
    try {
      for (const { provider, variable } of taken) await storeKey(provider, `env.${variable}`);
      const first = taken[0] as FoundVariable;
      const cheap = types.find(({ name }) => name === first.provider)?.cheap_model ?? null;
      onAdded({ provider: first.provider, models: null, cheap });
    } catch (failure) {
      setError(toApiError(failure));
    }
  };
  const turn = (provider: string, isOn: boolean) => {
    const next = new Set(dropped);
    if (isOn) next.delete(provider);
    else next.add(provider);
    setDropped(next);
  };
  return (
    <fieldset class="stack home-found">
      <legend>Found in the environment of the gateway</legend>
      {found.map(({ provider, label, variable }) => (
        <label key={provider} class="row home-tick">
          <input
            type="checkbox"
            checked={!dropped.has(provider)}
            onChange={(event) => turn(provider, event.currentTarget.checked)}
          />
          <span>{label}</span>
          <code class="soft">{variable}</code>
        </label>
      ))}
      {error !== null && <ErrorPanel what="Not all keys were added." error={error} />}
      <div class="row">
        <Button kind="primary" disabled={taken.length === 0} onClick={use}>
          Use {taken.length === 1 ? "this key" : `these ${taken.length} keys`}
        </Button>
      </div>
    </fieldset>
  );
}
