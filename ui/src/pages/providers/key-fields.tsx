// The fields of a key, as the type of its provider asks for them.
import { type ApiError, fieldError } from "../../api/errors.ts";
import { TextField } from "../../parts/field.tsx";
import { Switch } from "../../parts/switch.tsx";
import { type KeyDraft, wrongAlias } from "./key-draft.ts";
import type { ProviderType } from "./types.ts";

const VALUE = { name: "value", label: "API key", required: true, secret: true };

export interface KeyFieldsFacts {
  readonly draft: KeyDraft;
  readonly type: ProviderType | undefined;
  readonly error: ApiError | null;
  readonly onChange: (draft: KeyDraft) => void;
  /** Only what the provider cannot do without. */
  readonly isShort?: boolean;
}

export function KeyFields({ draft, type, error, onChange, isShort = false }: KeyFieldsFacts) {
  const kinds = (type?.key_fields ?? [VALUE]).filter(({ name }) => name !== "aliases");
  const wrong = wrongAlias(draft.aliases);
  const change = (part: Partial<KeyDraft>) => onChange({ ...draft, ...part });
  return (
    <>
      {kinds.map((kind) => (
        <TextField
          key={kind.name}
          label={kind.label}
          mono
          optional={!kind.required}
          value={draft.fields[kind.name] ?? ""}
          onInput={(text) => change({ fields: { ...draft.fields, [kind.name]: text } })}
          placeholder={kind.secret ? "The secret, or env.NAME" : "Or env.NAME"}
          hint={
            kind.secret && draft.id !== null
              ? "Left as it is shown, the secret stays. It is never sent back to this page."
              : undefined
          }
          error={fieldError(error, kind.name, `key.${kind.name}`, `keys[0].${kind.name}`)}
        />
      ))}
      {!isShort && (
        <>
          <div class="providers-two">
            <TextField
              label="Name"
              value={draft.name}
              onInput={(name) => change({ name })}
              error={fieldError(error, "name", "keys[0].name")}
            />
            <TextField
              label="Weight"
              type="number"
              value={draft.weight}
              onInput={(weight) => change({ weight })}
              hint="Share among the keys; 0: only when the others rest"
              error={fieldError(error, "weight", "keys[0].weight")}
            />
          </div>
          <TextField
            label="Models"
            optional
            value={draft.models}
            onInput={(models) => change({ models })}
            placeholder="All"
            hint="Separated by commas"
            error={fieldError(error, "models", "keys[0].models")}
          />
          <TextField
            label="Never these models"
            optional
            value={draft.blocked}
            onInput={(blocked) => change({ blocked })}
            error={fieldError(error, "blacklisted_models", "keys[0].blacklisted_models")}
          />
          <TextField
            label={type?.key_fields.find(({ name }) => name === "aliases")?.label ?? "Aliases"}
            optional
            mono
            rows={3}
            value={draft.aliases}
            onInput={(aliases) => change({ aliases })}
            placeholder="gpt-4o = my-deployment"
            hint="Model as asked = its name at the provider, one a line"
            error={
              wrong === undefined
                ? fieldError(error, "aliases", "keys[0].aliases")
                : `“${wrong.trim()}” is no name = name`
            }
          />
          <Switch label="The key is on" on={draft.enabled} onChange={(enabled) => change({ enabled })} />
        </>
      )}
    </>
  );
}
