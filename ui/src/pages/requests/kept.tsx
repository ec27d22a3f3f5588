// What the log kept of the content, in words, and which setting keeps more.
import type { LogRow } from "../../../../src/core/stores.ts";
import { Note } from "../../parts/status.tsx";

const KEPT: Readonly<Record<LogRow["content_level"], string>> = {
  off: "Nothing of what was said is kept.",
  ends: "The last message of the user and the answer are kept, up to 8 KB each; of the others role, kind and length.",
  redacted:
    "The last message of the user and the answer are kept, with secrets and personal data blotted out; of the others role, kind and length.",
  full: "Request and answer are kept whole, up to 16 MB.",
};

export function KeptNote({
  record,
}: {
  readonly record: Pick<
    LogRow,
    "content_level" | "content_dropped" | "content_hidden" | "virtual_key_id" | "raw_request"
  >;
}) {
  const { content_level: level, content_dropped: isDropped } = record;
  if (isDropped)
    return (
      <Note tone="warn">
        Content of this request was given up for want of room while the gateway was under load. Route, figures and cost
        are whole.
      </Note>
    );
  if (level === "full" && record.raw_request !== null) return null;
  return (
    <Note tone="plain">
      {KEPT[level]} {level === "full" ? "" : <MoreWords keyId={record.virtual_key_id} />}
    </Note>
  );
}

function MoreWords({ keyId }: { readonly keyId: string | null }) {
  return (
    <>
      To keep more of later requests set the content level{" "}
      {keyId !== null && (
        <>
          of <a href={`/keys/${encodeURIComponent(keyId)}`}>its virtual key</a> or{" "}
        </>
      )}
      in the <a href="/settings?q=content">settings</a>.
    </>
  );
}
