// The form of a virtual key, new or stored, with the preview beside it. Nothing is saved in part.
import { useMemo, useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import { type ApiError, fieldError, toApiError } from "../../api/errors.ts";
import { refresh, useResource } from "../../api/resource.ts";
import { navigate, place } from "../../lib/router.ts";
import { Button, ButtonLink } from "../../parts/button.tsx";
import { Card } from "../../parts/card.tsx";
import { CodeBlock } from "../../parts/code-block.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { TextField } from "../../parts/field.tsx";
import { Page as Layout } from "../../parts/page.tsx";
import { Note } from "../../parts/status.tsx";
import { toast } from "../../parts/toast.tsx";
import { configEntry, type KeyDraft, keyBody, keyDraft, prefilled } from "./draft.ts";
import { withProposed } from "./draft-limits.ts";
import { LimitsEditor } from "./limits-editor.tsx";
import { MoreFields, OwnerField } from "./more-fields.tsx";
import { PreviewPanel } from "./preview.tsx";
import { ProviderFields } from "./provider-fields.tsx";
import { SecretOnce } from "./secret.tsx";
import type { UiState, VirtualKey } from "./types.ts";

/** Every request for keys and their limits. */
const KEYS = "/api/governance/virtual-keys";

/** Fields of which an error is shown in place; anything else stands at the foot. */
const SHOWN =
  /^(name|description|expires_at|budgets|budget|rate_limit|provider_configs|team_id|customer_id|content_level|unpriced_models|on_store_down|required_headers)\b/;

/** `before` null: a new key. */
export function KeyForm({ before }: { readonly before: VirtualKey | null }) {
  const [draft, setDraft] = useState<KeyDraft>(() => {
    const { query } = place.value;
    if (before === null) return prefilled(query);
    const stored = keyDraft(before);
    return { ...stored, limits: withProposed(stored.limits, query) };
  });
  const [error, setError] = useState<ApiError | null>(null);
  const [saved, setSaved] = useState<VirtualKey | null>(null);
  const state = useResource<UiState>("/api/ui/state").data;
  const isLocked = state?.config_locked === true;
  const title = before === null ? "New virtual key" : `Edit ${before.name}`;
  const back = before === null ? "/keys" : `/keys/${encodeURIComponent(before.id)}`;
  const save = async () => {
    setError(null);
    try {
      const body = keyBody(draft, before);
      const { virtual_key: key } = await (before === null
        ? send<{ virtual_key: VirtualKey }>("POST", KEYS, body)
        : send<{ virtual_key: VirtualKey }>("PUT", `${KEYS}/${encodeURIComponent(before.id)}`, body));
      await refresh("/api/governance/");
      if (before === null) return setSaved(key);
      toast({ text: `${key.name} is saved.`, tone: "good" });
      navigate(back);
    } catch (thrown) {
      setError(toApiError(thrown));
      // the reader is brought to the field that is wrong
      window.setTimeout(() => document.querySelector<HTMLElement>('.keys-form [aria-invalid="true"]')?.focus(), 50);
    }
  };
  if (saved !== null) return <SecretOnce of={saved} title={`${saved.name} is ready`} />;
  return (
    <Layout title={title}>
      <form
        class="keys-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <div class="stack">
          <Fields draft={draft} onChange={setDraft} error={error} before={before} />
          {error !== null && !SHOWN.test(error.param ?? "") && (
            <ErrorPanel what="The key was not saved." error={error} />
          )}
          {error !== null && SHOWN.test(error.param ?? "") && (
            <p class="keys-bad" role="status">
              Not saved: see the field that is marked.
            </p>
          )}
          {isLocked ? (
            <Patch draft={draft} before={before} path={state?.config_path ?? "config.json"} />
          ) : (
            <div class="row keys-foot">
              <Button kind="primary" type="button" onClick={save}>
                {before === null ? "Create key" : "Save changes"}
              </Button>
              <ButtonLink href={back}>Cancel</ButtonLink>
            </div>
          )}
        </div>
        <PreviewPanel draft={draft} before={before} />
      </form>
    </Layout>
  );
}

interface FieldsFacts {
  readonly draft: KeyDraft;
  readonly onChange: (draft: KeyDraft) => void;
  readonly error: ApiError | null;
  readonly before: VirtualKey | null;
}

function Fields({ draft, onChange, error, before }: FieldsFacts) {
  const set = (changes: Partial<KeyDraft>) => onChange({ ...draft, ...changes });
  const ownerName = useMemo(() => before?.team?.name ?? before?.customer?.name ?? "", [before]);
  return (
    <>
      <Card title="Who">
        <div class="grid">
          <TextField
            label="Name"
            value={draft.name}
            onInput={(name) => set({ name })}
            error={fieldError(error, "name")}
            autoFocus
          />
          <OwnerField
            value={draft.owner}
            known={ownerName}
            onChange={(owner) => set({ owner })}
            error={fieldError(error, "team_id", "customer_id")}
          />
        </div>
        <TextField
          label="Description"
          value={draft.description}
          onInput={(description) => set({ description })}
          error={fieldError(error, "description")}
          optional
        />
      </Card>
      <Card title="Providers">
        <ProviderFields draft={draft} onChange={onChange} error={error} />
      </Card>
      <Card title="Limits">
        <LimitsEditor draft={draft.limits} onChange={(limits) => set({ limits })} error={error} />
      </Card>
      <MoreFields draft={draft} onChange={onChange} error={error} />
    </>
  );
}

/** The file alone rules: what to write there. */
function Patch({
  draft,
  before,
  path,
}: {
  readonly draft: KeyDraft;
  readonly before: VirtualKey | null;
  readonly path: string;
}) {
  const where = before?.source.place ?? path;
  return (
    <div class="stack">
      <Note tone="info">
        {before === null
          ? `The file ${path} rules alone. Add this entry to governance.virtual_keys there, and the gateway takes it.`
          : `This key stands in ${where}, which rules alone. Put this in its place there.`}
      </Note>
      <CodeBlock code={JSON.stringify(configEntry(draft, before), null, 2)} label="the entry for the file" />
    </div>
  );
}
