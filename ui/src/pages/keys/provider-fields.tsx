// Which providers a key may use: tick them, split the traffic between them, and narrow each down.
import type { ComponentChildren } from "preact";
import { type ApiError, fieldError } from "../../api/errors.ts";
import { useResource } from "../../api/resource.ts";
import { Loaded } from "../../parts/loaded.tsx";
import { SplitBar } from "../../parts/split-bar.tsx";
import { Segments } from "../../parts/switch.tsx";
import { type KeyDraft, type Part, type ProviderDraft, splitOf, withProvider, withShares } from "./draft.ts";
import { hasAny } from "./draft-limits.ts";
import { LimitsEditor } from "./limits-editor.tsx";
import { ModelList, NameList } from "./name-list.tsx";

interface ConfiguredProvider {
  readonly name: string;
  readonly keys: readonly { readonly id: string; readonly name: string }[];
}

interface ProviderFacts {
  readonly draft: KeyDraft;
  readonly onChange: (draft: KeyDraft) => void;
  readonly error: ApiError | null;
}

export function ProviderFields({ draft, onChange, error }: ProviderFacts) {
  const providers = useResource<{ providers: readonly ConfiguredProvider[] }>("/api/providers");
  const split = splitOf(draft);
  const own = error?.param === "provider_configs" ? error.message : undefined;
  return (
    <Loaded
      of={providers}
      failed="The providers could not be read."
      empty={(data) =>
        data.providers.length === 0 ? (
          <p class="soft">
            No provider is configured yet. <a href="/providers">Add one</a>, then come back.
          </p>
        ) : null
      }
    >
      {(data) => (
        <div class="stack">
          <Ticks names={namesOf(data.providers, draft)} draft={draft} onChange={onChange} />
          {own !== undefined && (
            <p class="field-error" role="alert">
              {own}
            </p>
          )}
          {split.length > 1 && (
            <SplitBar
              label="How traffic is split"
              parts={split}
              onChange={(shares) => onChange(withShares(draft, shares))}
            />
          )}
          {draft.providers.map((row, index) => (
            <ProviderRow
              key={row.provider}
              row={row}
              index={index}
              keys={data.providers.find(({ name }) => name === row.provider)?.keys ?? []}
              error={error}
              onChange={(changed) => onChange(replaced(draft, index, changed))}
            />
          ))}
        </div>
      )}
    </Loaded>
  );
}

/** Those that are configured, and those that the key names though they are not. */
function namesOf(providers: readonly ConfiguredProvider[], draft: KeyDraft): string[] {
  return [...new Set([...providers.map(({ name }) => name), ...draft.providers.map(({ provider }) => provider)])];
}

function replaced(draft: KeyDraft, index: number, row: ProviderDraft): KeyDraft {
  return { ...draft, providers: draft.providers.map((one, at) => (at === index ? row : one)) };
}

function Ticks({
  names,
  draft,
  onChange,
}: Pick<ProviderFacts, "draft" | "onChange"> & { readonly names: readonly string[] }) {
  return (
    <div class="keys-ticks" role="group" aria-label="Providers">
      {names.map((name) => (
        <label key={name} class="check">
          <input
            type="checkbox"
            checked={draft.providers.some(({ provider }) => provider === name)}
            onChange={(event) => onChange(withProvider(draft, name, event.currentTarget.checked))}
          />
          <span class="clip">{name}</span>
        </label>
      ))}
    </div>
  );
}

const PARTS: readonly { readonly value: Part; readonly label: string }[] = [
  { value: "share", label: "Share" },
  { value: "fallback", label: "Fallback only" },
  { value: "named", label: "Only when named" },
];

function ProviderRow({
  row,
  index,
  keys,
  error,
  onChange,
}: {
  readonly row: ProviderDraft;
  readonly index: number;
  readonly keys: ConfiguredProvider["keys"];
  readonly error: ApiError | null;
  readonly onChange: (row: ProviderDraft) => void;
}) {
  const path = `provider_configs[${index}]`;
  const mine = ["provider", "weight", "allowed_models", "blacklisted_models", "key_ids"]
    .map((name) => fieldError(error, `${path}.${name}`))
    .find((text) => text !== undefined);
  const hasLimitError = ["budgets", "rate_limit"].some((name) => fieldError(error, `${path}.${name}`) !== undefined);
  const set = (changes: Partial<ProviderDraft>) => onChange({ ...row, ...changes });
  return (
    <section class="keys-provider" aria-label={row.provider}>
      <div class="row apart">
        <h3>{row.provider}</h3>
        <Segments
          label={`Part of ${row.provider}`}
          value={row.part}
          options={PARTS}
          onChange={(part) => set({ part, ...(part === "share" && row.weight === 0 ? { weight: 1 } : {}) })}
        />
      </div>
      <Line title="Models">
        <ModelList
          provider={row.provider}
          label={`Allowed models of ${row.provider}`}
          all="all models"
          names={row.models}
          onChange={(models) => set({ models })}
        />
      </Line>
      <Line title="Blocked">
        <ModelList
          provider={row.provider}
          label={`Blocked models of ${row.provider}`}
          all="none"
          begin="Block…"
          names={row.blocked.length === 0 ? null : row.blocked}
          onChange={(blocked) => set({ blocked: blocked ?? [] })}
        />
      </Line>
      <Line title="Keys">
        <NameList
          label={`Keys of ${row.provider}`}
          all="all its keys"
          names={row.keys}
          options={keys.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(names) => set({ keys: names })}
        />
      </Line>
      {mine !== undefined && (
        <p class="field-error" role="alert">
          {mine}
        </p>
      )}
      <details class="keys-more" open={hasLimitError || hasAny(row.limits)}>
        <summary>Limits with {row.provider}</summary>
        <LimitsEditor draft={row.limits} onChange={(limits) => set({ limits })} error={error} path={`${path}.`} />
      </details>
    </section>
  );
}

function Line({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <div class="keys-line">
      <span class="soft small">{title}</span>
      {children}
    </div>
  );
}
