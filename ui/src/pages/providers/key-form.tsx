// The form of one key of a provider, with a test before it is saved.
import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import { type ApiError, toApiError } from "../../api/errors.ts";
import { refresh } from "../../api/resource.ts";
import { Button } from "../../parts/button.tsx";
import { CodeBlock } from "../../parts/code-block.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { Note } from "../../parts/status.tsx";
import { toast } from "../../parts/toast.tsx";
import { type KeyDraft, keyBody } from "./key-draft.ts";
import { KeyFields } from "./key-fields.tsx";
import { TestWords } from "./test-words.tsx";
import type { KeyShown, ProviderType, TestResult } from "./types.ts";

export interface KeyFormFacts {
  readonly provider: string;
  readonly type: ProviderType | undefined;
  readonly shown: KeyShown | undefined;
  readonly start: KeyDraft;
  readonly isLocked: boolean;
  readonly onClose: () => void;
}

export function KeyForm({ provider, type, shown, start, isLocked, onClose }: KeyFormFacts) {
  const [draft, setDraft] = useState(start);
  const [error, setError] = useState<ApiError | null>(null);
  const [result, setResult] = useState<TestResult | string | null>(null);
  const path = `/api/providers/${encodeURIComponent(provider)}/keys`;
  const isSecretTyped = draft.fields["value"] !== start.fields["value"] || shown === undefined;
  const test = async () => {
    setResult(null);
    try {
      setResult(
        isSecretTyped
          ? await send<TestResult>("POST", "/api/providers/test", { provider, key: testedKey(draft, shown) })
          : await send<TestResult>("POST", `${path}/${draft.id}/test`, {}),
      );
    } catch (thrown) {
      setResult(toApiError(thrown).message);
    }
  };
  const save = async () => {
    try {
      const answer = await (shown === undefined
        ? send<{ warnings?: string[] }>("POST", path, keyBody(draft))
        : send<{ warnings?: string[] }>("PUT", `${path}/${shown.id}`, keyBody(draft, shown)));
      toast({ text: answer.warnings?.[0] ?? `The key “${draft.name}” of ${provider} is saved.` });
      await refresh("/api/providers");
      onClose();
    } catch (thrown) {
      setError(toApiError(thrown));
    }
  };
  return (
    <Dialog
      title={shown === undefined ? `New key of ${provider}` : `Key ${shown.name} of ${provider}`}
      kind="side"
      onClose={onClose}
      foot={
        <>
          <Button icon="play" onClick={test}>
            Test
          </Button>
          <span class="grow" />
          <Button onClick={onClose}>{isLocked ? "Close" : "Cancel"}</Button>
          {!isLocked && (
            <Button kind="primary" onClick={save}>
              Save
            </Button>
          )}
        </>
      }
    >
      <div class="stack">
        {isLocked && (
          <Note tone="info">The file rules alone: {shown?.source.place ?? "config.json"}. Write this there:</Note>
        )}
        {isLocked && <CodeBlock code={patchOf(keyBody(draft, shown))} label="the key for the file" />}
        {error !== null && error.param === null && <ErrorPanel what="The key was not saved." error={error} />}
        <KeyFields draft={draft} type={type} error={error} onChange={setDraft} />
        {result !== null && <TestWords result={result} provider={provider} />}
      </div>
    </Dialog>
  );
}

/** Members that are sent to be tried; the gateway has a place for the rest. */
function testedKey(draft: KeyDraft, shown: KeyShown | undefined): Record<string, unknown> {
  const { models: _models, enabled: _enabled, id: _id, ...key } = keyBody(draft);
  return shown === undefined ? key : { ...key, name: `${draft.name} as typed` };
}

const WRITTEN = ["provider", "status", "description", "config_hash", "source", "created_at", "updated_at"];

/** Without what the gateway writes; secrets stay masked: the file has them. */
function patchOf(body: Record<string, unknown>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(body).filter(([name]) => !WRITTEN.includes(name))), null, 2);
}
