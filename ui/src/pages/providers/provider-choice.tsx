// Which provider is added: told by a pasted key, chosen from the list, or one of your own over a dialect.
import { useState } from "preact/hooks";
import { type ApiError, fieldError } from "../../api/errors.ts";
import { Button } from "../../parts/button.tsx";
import { TextField } from "../../parts/field.tsx";
import { Select } from "../../parts/select.tsx";
import { Note } from "../../parts/status.tsx";
import { Segments, Switch } from "../../parts/switch.tsx";
import { type KeyDraft, recognise } from "./key-draft.ts";
import type { ProviderDraft } from "./provider-draft.ts";
import type { ProviderType } from "./types.ts";

export interface ProviderChoiceFacts {
  readonly draft: ProviderDraft;
  readonly keyDraft: KeyDraft;
  readonly types: readonly ProviderType[];
  readonly taken: readonly string[];
  readonly error: ApiError | null;
  readonly onDraft: (draft: ProviderDraft) => void;
  readonly onKey: (key: KeyDraft) => void;
}

const KINDS = [
  { value: "known", label: "Known provider" },
  { value: "custom", label: "Your own" },
] as const;

export function ProviderChoice(facts: ProviderChoiceFacts) {
  const { draft, types, taken, error, onDraft } = facts;
  const free = types.filter(({ name }) => !taken.includes(name));
  return (
    <>
      <Segments
        label="Kind of provider"
        value={draft.isCustom ? "custom" : "known"}
        options={KINDS}
        onChange={(kind) => onDraft({ ...draft, isCustom: kind === "custom", name: "" })}
      />
      {draft.isCustom ? (
        <Custom {...facts} />
      ) : (
        <>
          {draft.name === "" && <PastedKey {...facts} types={free} />}
          <Select
            label="Provider"
            value={draft.name}
            options={free.map(({ name, label }) => ({ value: name, label, ...(name === label ? {} : { hint: name }) }))}
            onChange={(name) => onDraft({ ...draft, name })}
            error={fieldError(error, "provider")}
          />
        </>
      )}
    </>
  );
}

/** The key goes to no provider before the person has said whose it is. */
function PastedKey({ draft, keyDraft, types, onDraft, onKey }: ProviderChoiceFacts) {
  const [text, setText] = useState("");
  const fits = recognise(text, types);
  const take = (name: string) => {
    onKey({ ...keyDraft, fields: { ...keyDraft.fields, value: text.trim() } });
    onDraft({ ...draft, name });
  };
  return (
    <>
      <TextField
        label="Paste a key"
        optional
        mono
        type="password"
        value={text}
        onInput={setText}
        hint="Its beginning often tells whose it is"
      />
      {text.trim() !== "" && (
        <Note tone="plain">
          {fits.length === 0 && "No provider has keys that begin so. Choose it below."}
          {fits.length === 1 && `This looks like a key of ${fits[0]?.label}.`}
          {fits.length > 1 && "Several providers have keys that begin so. Whose is it?"}
          {fits.length > 0 && (
            <span class="row">
              {fits.map(({ name, label }) => (
                <Button key={name} small onClick={() => take(name)}>
                  {fits.length === 1 ? `Use it for ${label}` : label}
                </Button>
              ))}
            </span>
          )}
        </Note>
      )}
    </>
  );
}

function Custom({ draft, types, error, onDraft }: ProviderChoiceFacts) {
  return (
    <>
      <TextField
        label="Name"
        value={draft.name}
        onInput={(name) => onDraft({ ...draft, name })}
        hint="Requests name it so: name/model"
        error={fieldError(error, "provider", "name")}
      />
      <Select
        label="Speaks like"
        value={draft.baseType}
        options={types.map(({ name, label }) => ({ value: name, label }))}
        onChange={(baseType) => onDraft({ ...draft, baseType })}
        error={fieldError(error, "custom_provider_config")}
      />
      <Switch label="Needs no key" on={draft.isKeyless} onChange={(isKeyless) => onDraft({ ...draft, isKeyless })} />
    </>
  );
}
