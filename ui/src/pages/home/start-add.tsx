// A key is pasted and recognised by its beginning; it goes to the provider that the reader confirmed and to no other.
import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import { type ApiError, fieldError, toApiError } from "../../api/errors.ts";
import { useResource } from "../../api/resource.ts";
import { Button } from "../../parts/button.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { TextField } from "../../parts/field.tsx";
import { Select } from "../../parts/select.tsx";
import { Note } from "../../parts/status.tsx";
import { recognise, takesOneKey } from "./recognise.ts";
import { FoundKeys } from "./start-environment.tsx";
import type { FirstTarget } from "./start-prompt.tsx";
import { storeKey } from "./store-key.ts";
import type { FoundVariable, ProbeAnswer, ProviderType } from "./types.ts";

export interface AddFacts {
  readonly types: readonly ProviderType[];
  /** The file alone rules: nothing can be stored. */
  readonly isLocked: boolean;
  readonly onAdded: (target: FirstTarget) => void;
  /** Null: there is no demo here. */
  readonly onDemo: (() => void) | null;
}

type Trouble =
  | { readonly type: "refused"; readonly probe: ProbeAnswer }
  | { readonly type: "failed"; readonly error: ApiError };

export function AddKey({ types, isLocked, onAdded, onDemo }: AddFacts) {
  const found = useResource<{ readonly found: readonly FoundVariable[] }>(
    isLocked ? null : "/api/providers/environment",
  );
  return (
    <div class="stack home-start">
      {isLocked ? (
        <Note>The configuration file alone rules here: add providers in it. They are used without a restart.</Note>
      ) : (
        <>
          <FoundKeys found={found.data?.found ?? []} types={types} onAdded={onAdded} />
          <KeyForm types={types} onAdded={onAdded} />
        </>
      )}
      <div class="row soft">
        {onDemo !== null && (
          <>
            <span>No key at hand?</span>
            <Button onClick={onDemo}>Use the built-in demo provider</Button>
          </>
        )}
        <a href="/providers">Other kinds of providers</a>
      </div>
    </div>
  );
}

function KeyForm({ types, onAdded }: Pick<AddFacts, "types" | "onAdded">) {
  const [key, setKey] = useState("");
  const [picked, setPicked] = useState("");
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [isBusy, setBusy] = useState(false);
  const able = types.filter(takesOneKey);
  const { providers } = recognise(key, able);
  const only = providers.length === 1 ? (providers[0] as ProviderType) : null;
  const chosen = able.find(({ name }) => name === (picked || only?.name)) ?? null;
  const isAsked = key.trim() !== "" && (only === null || picked !== "");

  const add = async (isForced: boolean) => {
    if (chosen === null || key.trim() === "") return;
    setBusy(true);
    setTrouble(null);
    try {
      const probe = await send<ProbeAnswer>("POST", "/api/providers/test", { provider: chosen.name, key: key.trim() });
      if (!probe.ok && !isForced) return setTrouble({ type: "refused", probe });
      await storeKey(chosen.name, key.trim());
      onAdded({ provider: chosen.name, models: probe.models, cheap: chosen.cheap_model, probe });
    } catch (error) {
      setTrouble({ type: "failed", error: toApiError(error) });
    } finally {
      setBusy(false);
    }
  };
  const error = trouble?.type === "failed" ? trouble.error : null;
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) void add(false);
      }}
    >
      <TextField
        label="Provider key"
        value={key}
        onInput={(text) => {
          setKey(text);
          setPicked("");
          setTrouble(null);
        }}
        type="password"
        mono
        autoFocus
        placeholder="Paste a key of any provider"
        error={fieldError(error, "key", "value", "keys")}
        hint={
          only === null
            ? "It is sent to the provider that you confirm, and kept encrypted."
            : `A key of ${only.label}, by its beginning.`
        }
      />
      {isAsked && (
        <Select
          label="Whose key is it"
          value={picked}
          options={(providers.length > 0 ? providers : able).map(({ name, label }) => ({ value: name, label }))}
          onChange={setPicked}
          placeholder="Choose the provider"
          hint={
            providers.length > 0
              ? "Keys of several providers begin like this one."
              : "This beginning is not known; the key is tried at no provider that you did not choose."
          }
        />
      )}
      {trouble?.type === "refused" && <Refusal probe={trouble.probe} onForce={() => add(true)} />}
      {error !== null && error.param === null && <ErrorPanel what="The key was not added." error={error} />}
      <div class="row">
        <Button kind="primary" type="submit" busy={isBusy} disabled={key.trim() === "" || chosen === null}>
          {chosen === null ? "Add and test" : `Add and test with ${chosen.label}`}
        </Button>
      </div>
    </form>
  );
}

function Refusal({ probe, onForce }: { readonly probe: ProbeAnswer; readonly onForce: () => unknown }) {
  const { what = "The provider did not answer", why = "", what_to_do = "" } = probe.error ?? {};
  return (
    <div role="alert">
      <Note tone="bad" action={<Button onClick={onForce}>Add it all the same</Button>}>
        <p class="strong">{capital(what)}, so nothing was stored.</p>
        <p>
          {capital(why)}. {what_to_do}
        </p>
      </Note>
    </div>
  );
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
