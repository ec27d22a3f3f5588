// What can be done with a request: try it again, ask where it would go now, take it away as a command, pass its address on.
import type { LogRow } from "../../../../src/core/stores.ts";
import { curlSnippet } from "../../lib/snippets.ts";
import { Button, ButtonLink } from "../../parts/button.tsx";
import { copyText } from "../../parts/code-block.tsx";
import { toast } from "../../parts/toast.tsx";

export function Actions({ record }: { readonly record: LogRow }) {
  return (
    <div class="requests-actions">
      {canReplay(record) && (
        <ButtonLink kind="bare" icon="playground" href={`/playground?from=${encodeURIComponent(record.id)}`}>
          Playground
        </ButtonLink>
      )}
      <ButtonLink kind="bare" icon="routing" href={simulateHref(record)}>
        Simulate now
      </ButtonLink>
      {canReplay(record) && (
        <Button kind="bare" icon="copy" onClick={() => copyCurl(record)}>
          Copy curl
        </Button>
      )}
      <Button
        kind="bare"
        icon="link"
        onClick={() =>
          copied(
            `${location.origin}/requests/${encodeURIComponent(record.id)}`,
            "The address of this request is copied.",
          )
        }
      >
        Copy link
      </Button>
    </div>
  );
}

/** A chat of which at least the last message is kept. */
function canReplay({ object, raw_request: raw, input_history: history }: LogRow): boolean {
  return object.startsWith("chat_completion") && (raw !== null || history.some(({ content }) => content !== ""));
}

function simulateHref({ id, requested_model: model, virtual_key_id: key }: LogRow): string {
  return `/routing?${new URLSearchParams({ model, ...(key === null ? {} : { vk: key }), from: id })}`;
}

async function copied(text: string, words: string): Promise<void> {
  if (await copyText(text)) toast({ text: words });
  else toast({ text: "This browser does not let pages copy.", tone: "bad" });
}

function copyCurl(record: LogRow): Promise<void> {
  const body = bodyOf(record);
  const text = curlSnippet({ origin: location.origin, body, needsKey: record.virtual_key_id !== null });
  return copied(
    text,
    record.raw_request === null ? "Copied, with the messages that are kept." : "Copied. Its key is a placeholder.",
  );
}

/** The body as it was sent; where it is not kept, what is left of it. */
function bodyOf({
  raw_request: raw,
  requested_model: model,
  input_history: history,
  stream,
}: LogRow): Readonly<Record<string, unknown>> {
  if (raw !== null) {
    try {
      return JSON.parse(raw) as Readonly<Record<string, unknown>>;
    } catch {
      // it was cut: what is listed of it is all that can be sent
    }
  }
  const messages = history.filter(({ content }) => content !== "").map(({ role, content }) => ({ role, content }));
  return { model, messages, ...(stream ? { stream: true } : {}) };
}
