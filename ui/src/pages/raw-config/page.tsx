// Raw config: the text of the configuration with completion, checked while it is written, and saved after a look at what it changes.
import "./page.css";
import { signal } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { get } from "../../api/client.ts";
import { type ApiError, toApiError } from "../../api/errors.ts";
import { refresh, useResource } from "../../api/resource.ts";
import { useKeys } from "../../lib/keys.ts";
import { Button, ButtonLink } from "../../parts/button.tsx";
import { CopyButton, copyText } from "../../parts/code-block.tsx";
import { Empty } from "../../parts/empty.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Page as Layout } from "../../parts/page.tsx";
import { Note, StatusDot } from "../../parts/status.tsx";
import { toast } from "../../parts/toast.tsx";
import { Editor } from "./editor.tsx";
import { Findings } from "./findings.tsx";
import { checkText, type RawCheck, type RawConfig, saveText } from "./raw-api.ts";
import { Review } from "./review.tsx";
import type { Schema } from "./schema-words.ts";

const PATH = "/api/config/raw";
/** ms of rest after which what was written is checked. */
const REST = 400;

/** What is typed, with the text it began from: kept while the reader is on other pages. */
const draft = signal<{ readonly text: string; readonly etag: string } | null>(null);

export function Page() {
  const raw = useResource<RawConfig>(PATH);
  return (
    <Layout
      title="Raw config"
      lead={raw.data?.path ?? undefined}
      actions={<ButtonLink href="/settings">All settings</ButtonLink>}
    >
      <Loaded
        of={raw}
        failed="The configuration could not be read."
        empty={(found) => (found.text === null ? <TooLarge found={found} /> : null)}
      >
        {(found) => <Work found={found} />}
      </Loaded>
    </Layout>
  );
}

function TooLarge({ found }: { readonly found: RawConfig }) {
  return (
    <Empty
      icon="edit"
      title="The text is too large to be edited here"
      why={`Open ${found.path ?? "the file"} in an editor; its schema is at /config.schema.json.`}
      action={<ButtonLink href="/settings">All settings</ButtonLink>}
    />
  );
}

function Work({ found }: { readonly found: RawConfig }) {
  const text = draft.value?.text ?? found.text ?? "";
  const isChanged = draft.value !== null && draft.value.text !== found.text;
  const schema = useSchema();
  const check = useCheck(isChanged ? text : null);
  const [review, setReview] = useState<{ check: RawCheck; error: ApiError | null } | null>(null);
  const goTo = useRef<(line: number, column: number) => void>(() => {});
  const diagnostics = isChanged ? (check.data?.diagnostics ?? []) : found.warnings;
  const marks = useMemo(() => marksOf(diagnostics), [diagnostics]);
  useLeaving(isChanged);

  const onText = (now: string) => {
    draft.value = now === found.text ? null : { text: now, etag: draft.value?.etag ?? found.etag };
  };
  const look = async () => {
    const answer = await check.now(text);
    if (answer === null) return;
    if (answer.ok) setReview({ check: answer, error: null });
    else toast({ text: "The text has errors: they are listed below it.", tone: "bad" });
  };
  const save = async () => {
    if (review === null || draft.value === null) return;
    try {
      await saveText(text, draft.value.etag);
      await refresh("/api/");
      draft.value = null;
      setReview(null);
      toast({ text: "Saved and in force.", tone: "good" });
    } catch (error) {
      setReview({ ...review, error: toApiError(error) });
    }
  };
  const takePresent = async () => {
    await copyText(text);
    await refresh(PATH);
    draft.value = null;
    setReview(null);
  };
  useKeys({ "mod+s": () => isChanged && void look() });
  return (
    <div class="stack raw-config">
      {!found.writable && <Note tone="plain">It can be read here and not saved: {found.reason}.</Note>}
      {found.notes.map((note) => (
        <p key={note} class="soft small">
          {note}
        </p>
      ))}
      <Editor
        text={text}
        onText={onText}
        readOnly={false}
        schema={schema}
        marks={marks}
        onReady={(go) => (goTo.current = go)}
      />
      <div class="raw-foot">
        <State isChanged={isChanged} check={check} count={diagnostics.length} />
        <span class="soft small grow" id="editor-help">
          <kbd>Ctrl</kbd> <kbd>Space</kbd> completes · Escape, then Tab leaves the text
        </span>
        <CopyButton text={text} label="Copy the text" />
        <Button disabled={!isChanged} onClick={() => (draft.value = null)}>
          Discard
        </Button>
        {found.writable && (
          <Button kind="primary" disabled={!isChanged} onClick={look}>
            Review and save
          </Button>
        )}
      </div>
      <Findings found={diagnostics} onGo={(line, column) => goTo.current(line, column)} />
      {review !== null && <Review {...review} onSave={save} onReload={takePresent} onClose={() => setReview(null)} />}
    </div>
  );
}

interface Check {
  readonly data: RawCheck | undefined;
  readonly error: ApiError | null;
  readonly isBusy: boolean;
  /** Null: it failed, and `error` says why. */
  now(text: string): Promise<RawCheck | null>;
}

function State({
  isChanged,
  check,
  count,
}: {
  readonly isChanged: boolean;
  readonly check: Check;
  readonly count: number;
}) {
  if (!isChanged)
    return (
      <StatusDot tone={count === 0 ? "good" : "warn"}>{count === 0 ? "in force" : "in force, see below"}</StatusDot>
    );
  if (check.error !== null) return <StatusDot tone="bad">{`not checked: ${check.error.message}`}</StatusDot>;
  if (check.isBusy || check.data === undefined) return <StatusDot tone="info">checking</StatusDot>;
  if (!check.data.ok) return <StatusDot tone="bad">has errors</StatusDot>;
  const changes = check.data.diff.length;
  return <StatusDot tone="good">{`valid, changes ${changes === 1 ? "1 entry" : `${changes} entries`}`}</StatusDot>;
}

/** Checks what was written when the writer rests. */
function useCheck(text: string | null): Check {
  const [state, setState] = useState<Omit<Check, "now">>({ data: undefined, error: null, isBusy: false });
  const now = async (wanted: string, signal?: AbortSignal): Promise<RawCheck | null> => {
    setState((before) => ({ ...before, isBusy: true }));
    try {
      const data = await checkText(wanted, signal);
      setState({ data, error: null, isBusy: false });
      return data;
    } catch (error) {
      if (signal?.aborted !== true) setState((before) => ({ ...before, error: toApiError(error), isBusy: false }));
      return null;
    }
  };
  useEffect(() => {
    if (text === null) return setState({ data: undefined, error: null, isBusy: false });
    const abort = new AbortController();
    setState((before) => ({ ...before, isBusy: true }));
    const timer = window.setTimeout(() => void now(text, abort.signal), REST);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [text]);
  return { ...state, now };
}

/** Without it the editor completes nothing, and all else goes on. */
function useSchema(): Schema | undefined {
  const [schema, setSchema] = useState<Schema>();
  useEffect(() => {
    get<Schema>("/config.schema.json").then(setSchema, () => {});
  }, []);
  return schema;
}

function useLeaving(isChanged: boolean): void {
  useEffect(() => {
    if (!isChanged) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [isChanged]);
}

/** The worst of each line. */
function marksOf(found: RawCheck["diagnostics"]): ReadonlyMap<number, "error" | "warning"> {
  const marks = new Map<number, "error" | "warning">();
  for (const { line, severity } of found) if (marks.get(line) !== "error") marks.set(line, severity);
  return marks;
}
