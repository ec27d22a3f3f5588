// Beside the form: where requests of the draft would go, what they would cost, what is odd about it, and the same as text.
import { useState } from "preact/hooks";
import { chartColor } from "../../lib/colors.ts";
import { now } from "../../lib/now.ts";
import { Card } from "../../parts/card.tsx";
import { CodeBlock } from "../../parts/code-block.tsx";
import { TextField } from "../../parts/field.tsx";
import { Note } from "../../parts/status.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { configEntry, conflictsOf, type KeyDraft, keyBody } from "./draft.ts";
import { dayCost, dayCostInWords, type ModelPreview, sharesInWords } from "./preview.ts";
import type { VirtualKey } from "./types.ts";
import { type Preview, usePreview } from "./use-preview.ts";

export interface DraftFacts {
  readonly draft: KeyDraft;
  readonly before: VirtualKey | null;
}

export function PreviewPanel({ draft, before }: DraftFacts) {
  const [extra, setExtra] = useState("");
  const preview = usePreview(draft, before, extra.trim());
  return (
    <div class="stack">
      <Card title="Where its requests go" testId="key-preview">
        <Routes draft={draft} preview={preview} />
        <TextField label="Another model" value={extra} onInput={setExtra} placeholder="gpt-4o" mono optional />
        <Spend preview={preview} isNew={before === null} />
        <Conflicts draft={draft} preview={preview} />
      </Card>
      <AsText draft={draft} before={before} />
    </div>
  );
}

function Routes({ draft, preview }: { readonly draft: KeyDraft; readonly preview: Preview }) {
  if (preview.error !== null)
    return (
      <Note tone={preview.error.isOffline ? "warn" : "bad"}>
        No preview: {preview.error.message}. Correct it, and it is drawn again.
      </Note>
    );
  if (draft.providers.length === 0) return <p class="soft">Choose a provider to see where requests would go.</p>;
  if (preview.models.length === 0)
    return <p class="soft">{preview.isBusy ? "Asking the gateway…" : "No model is known: name one below."}</p>;
  return (
    <ul class="keys-routes" aria-live="polite" aria-busy={preview.isBusy}>
      {preview.models.map((model) => (
        <ModelRoute key={model.model} of={model} />
      ))}
      {preview.isCut && <li class="faint small">More models are allowed: these are the first.</li>}
    </ul>
  );
}

function ModelRoute({ of }: { readonly of: ModelPreview }) {
  const notes = [
    of.fallbacks.length > 0 ? `then ${of.fallbacks.join(", then ")}` : null,
    of.removed.length > 0 ? of.removed.join("; ") : null,
    of.rule === null ? null : `by the routing rule ${of.rule}`,
  ].filter((note) => note !== null);
  return (
    <li class="keys-route" data-testid="model-route">
      <span class="row apart">
        <code class="clip">{of.model}</code>
        <span class="strong">{of.shares.length === 0 ? "refused" : sharesInWords(of)}</span>
      </span>
      <span class="keys-shares" aria-hidden="true">
        {of.shares.map(({ provider, share }) => (
          <span key={provider} style={{ width: `${share * 100}%`, background: chartColor(provider) }} />
        ))}
      </span>
      {of.shares.length === 0 && of.refusal !== null && <span class="small keys-bad">{of.refusal}</span>}
      {notes.length > 0 && <span class="soft small">{notes.join(" · ")}</span>}
    </li>
  );
}

function Spend({ preview, isNew }: { readonly preview: Preview; readonly isNew: boolean }) {
  if (preview.error !== null) return null;
  const day = dayCost(preview.models, preview.week);
  const whose = isNew ? "If it carried what all keys sent there" : "With what this key sent";
  return (
    <p class="soft" data-testid="day-cost">
      {day === null
        ? "Spend a day: nothing was sent to these providers in the last week to estimate from."
        : `${whose}: ${dayCostInWords(day)}.`}
    </p>
  );
}

function Conflicts({ draft, preview }: { readonly draft: KeyDraft; readonly preview: Preview }) {
  const said = [...conflictsOf(draft, now.value), ...preview.warnings];
  return said.length === 0 ? null : (
    <Note tone="warn">
      <ul class="keys-conflicts">
        {said.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </Note>
  );
}

function AsText({ draft, before }: DraftFacts) {
  const [shown, setShown] = useState("config");
  const entry = JSON.stringify({ governance: { virtual_keys: [configEntry(draft, before)] } }, null, 2);
  const method = before === null ? "POST" : "PUT";
  const path = `/api/governance/virtual-keys${before === null ? "" : `/${encodeURIComponent(before.id)}`}`;
  const body = JSON.stringify(keyBody(draft, before), null, 2).replaceAll("'", `'\\''`);
  const curl = `curl -X ${method} ${location.origin}${path} \\\n  -H 'content-type: application/json' \\\n  -d '${body}'`;
  return (
    <Card title="The same as text">
      <Tabs
        label="The same as text"
        current={shown}
        onChange={setShown}
        tabs={[
          { id: "config", title: "config.json", content: () => <CodeBlock code={entry} label="the configuration" /> },
          { id: "curl", title: "curl", content: () => <CodeBlock code={curl} label="the call" /> },
        ]}
      />
    </Card>
  );
}
