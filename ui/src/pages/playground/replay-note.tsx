// Opens the playground with a request of the log (`?from=`), or with a prompt (`?prompt=`), and tells what is not as it was.
import { useEffect, useState } from "preact/hooks";
import type { LogRow } from "../../../../src/core/stores.ts";
import { get } from "../../api/client.ts";
import { type ApiError, toApiError } from "../../api/errors.ts";
import { plural } from "../../lib/format.ts";
import { queryValue, setQuery } from "../../lib/router.ts";
import { Button } from "../../parts/button.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { JsonView } from "../../parts/json-view.tsx";
import { Note } from "../../parts/status.tsx";
import { base, draft, forget, settings } from "./conversation.ts";
import { replayOf } from "./request-body.ts";

interface Opened {
  readonly id: string;
  readonly missing: string | null;
}

export function ReplayNote() {
  const from = queryValue("from");
  const prompt = queryValue("prompt");
  const [opened, setOpened] = useState<Opened | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const open = async (id: string) => {
    setError(null);
    try {
      const record = await get<LogRow>(`/api/logs/${encodeURIComponent(id)}`);
      const replay = replayOf(record);
      forget();
      base.value = replay.base;
      draft.value = replay.draft;
      settings.value = replay.settings;
      setOpened({ id, missing: replay.missing });
      setQuery({ from: null, model: replay.model, model2: null, vk: replay.keyId });
    } catch (thrown) {
      setError(toApiError(thrown));
    }
  };
  useEffect(() => {
    if (from !== null && from !== "") void open(from);
  }, [from]);
  useEffect(() => {
    if (prompt === null) return;
    draft.value = prompt;
    setQuery({ prompt: null });
  }, [prompt]);
  if (error !== null && from !== null)
    return <ErrorPanel what="The request could not be opened here." error={error} onRetry={() => open(from)} />;
  if (opened === null) return null;
  return (
    <Note
      tone={opened.missing === null ? "info" : "warn"}
      action={<Button small kind="bare" icon="close" label="Dismiss" onClick={() => setOpened(null)} />}
    >
      Opened from <a href={`/requests/${encodeURIComponent(opened.id)}`}>a request of the log</a>.{" "}
      {opened.missing ?? "Messages, parameters and virtual key are as they were."}
    </Note>
  );
}

/** What was said before in the record. */
export function Earlier() {
  if (base.value.length === 0) return null;
  return (
    <details class="card playground-earlier">
      <summary>{plural(base.value.length, "earlier message")}, sent along each time</summary>
      <JsonView value={base.value} label="earlier messages" />
      <Button small icon="trash" onClick={() => (base.value = [])}>
        Leave them out
      </Button>
    </details>
  );
}
