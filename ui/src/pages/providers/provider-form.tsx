// The form of a provider: which one, its first key with a test, how it is reached, its proxy.
import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import { type ApiError, fieldError, toApiError } from "../../api/errors.ts";
import { refresh } from "../../api/resource.ts";
import { setQuery } from "../../lib/router.ts";
import { Button } from "../../parts/button.tsx";
import { CodeBlock } from "../../parts/code-block.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { Note } from "../../parts/status.tsx";
import { toast } from "../../parts/toast.tsx";
import { freshKey, type KeyDraft, keyBody } from "./key-draft.ts";
import { KeyFields } from "./key-fields.tsx";
import { NetworkFields } from "./network-fields.tsx";
import { ProviderChoice } from "./provider-choice.tsx";
import { draftOfProvider, freshProvider, type ProviderDraft, providerBody } from "./provider-draft.ts";
import { TestWords } from "./test-words.tsx";
import type { ProviderShown, ProviderType, TestResult } from "./types.ts";

export interface ProviderFormFacts {
  /** Absent: a new one. */
  readonly shown: ProviderShown | undefined;
  readonly types: readonly ProviderType[];
  readonly taken: readonly string[];
  /** The file that rules alone. */
  readonly locked: string | null;
  readonly onClose: () => void;
}

const FIELDS = ["provider", "network_config", "proxy_config", "custom_provider_config", "key", "keys[0]"];

export function ProviderForm({ shown, types, taken, locked, onClose }: ProviderFormFacts) {
  const [draft, setDraft] = useState<ProviderDraft>(() =>
    shown === undefined ? freshProvider() : draftOfProvider(shown),
  );
  const [key, setKey] = useState<KeyDraft>(() => freshKey("main"));
  const [error, setError] = useState<ApiError | null>(null);
  const [result, setResult] = useState<TestResult | string | null>(null);
  const type = types.find(({ name }) => name === (draft.isCustom ? draft.baseType : draft.name));
  const hasKey = shown === undefined && draft.name !== "" && type?.keyless !== true && !draft.isKeyless;
  const isFilled = Object.values(key.fields).some((text) => text.trim() !== "");
  const body = () => ({ ...providerBody(draft, shown), ...(hasKey && isFilled ? { keys: [keyBody(key)] } : {}) });
  const test = async () => {
    setResult(null);
    setError(null);
    try {
      setResult(await send<TestResult>("POST", "/api/providers/test", trialBody(draft, hasKey ? key : null, shown)));
    } catch (thrown) {
      setError(toApiError(thrown));
    }
  };
  const save = async () => {
    try {
      const answer = await (shown === undefined
        ? send<ProviderShown>("POST", "/api/providers", body())
        : send<ProviderShown>("PUT", `/api/providers/${encodeURIComponent(shown.name)}`, body()));
      toast({ text: answer.warnings?.[0] ?? `${answer.name} is ${shown === undefined ? "added" : "saved"}.` });
      await refresh("/api/providers");
      onClose();
      setQuery({ open: answer.name });
    } catch (thrown) {
      setError(toApiError(thrown));
    }
  };
  const isElsewhere = error !== null && fieldError(error, ...FIELDS) === undefined;
  return (
    <Dialog
      title={shown === undefined ? "Add a provider" : `Provider ${shown.name}`}
      kind="side"
      onClose={onClose}
      foot={
        <>
          {draft.name !== "" && (hasKey || type?.keyless === true || draft.isKeyless) && (
            <Button icon="play" onClick={test}>
              Test
            </Button>
          )}
          <span class="grow" />
          <Button onClick={onClose}>{locked === null ? "Cancel" : "Close"}</Button>
          {locked === null && (
            <Button kind="primary" disabled={draft.name.trim() === ""} onClick={save}>
              {shown === undefined ? "Add" : "Save"}
            </Button>
          )}
        </>
      }
    >
      <div class="stack">
        {locked !== null && (
          <>
            <Note tone="info">The file rules alone: {shown?.source.place ?? locked}. Write this there:</Note>
            <CodeBlock code={JSON.stringify(body(), null, 2)} label="the provider for the file" />
          </>
        )}
        {isElsewhere && <ErrorPanel what="The provider was not saved." error={error} />}
        {shown === undefined && (
          <ProviderChoice
            draft={draft}
            keyDraft={key}
            types={types}
            taken={taken}
            error={error}
            onDraft={setDraft}
            onKey={setKey}
          />
        )}
        {hasKey && <KeyFields draft={key} type={type} error={error} onChange={setKey} isShort />}
        {result !== null && <TestWords result={result} provider={draft.name} />}
        {draft.name !== "" && (
          <details class="providers-more" open={shown !== undefined || draft.isCustom || type?.base_url === null}>
            <summary>How it is reached</summary>
            <NetworkFields draft={draft} usual={type?.base_url ?? null} error={error} onChange={setDraft} />
          </details>
        )}
        {hasKey && (
          <details class="providers-more">
            <summary>More of the key</summary>
            <div class="stack">
              <KeyFields
                draft={key}
                type={{ ...(type as ProviderType), key_fields: [] }}
                error={error}
                onChange={setKey}
              />
            </div>
          </details>
        )}
      </div>
    </Dialog>
  );
}

/** Only what a test looks at. */
function trialBody(
  draft: ProviderDraft,
  key: KeyDraft | null,
  shown: ProviderShown | undefined,
): Record<string, unknown> {
  const { network_config, proxy_config, custom_provider_config } = providerBody(draft, shown);
  const { models: _models, enabled: _enabled, ...tried } = key === null ? {} : keyBody(key);
  return {
    provider: draft.name.trim(),
    ...(key === null ? {} : { key: tried }),
    network_config,
    ...(proxy_config === undefined ? {} : { proxy_config }),
    ...(custom_provider_config === undefined ? {} : { custom_provider_config }),
  };
}
