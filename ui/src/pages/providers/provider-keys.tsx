// The keys of one provider: weight, models, state, errors, Test, on and off.
import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import { toApiError } from "../../api/errors.ts";
import { refresh } from "../../api/resource.ts";
import { percent } from "../../lib/format.ts";
import { Button } from "../../parts/button.tsx";
import { Duration } from "../../parts/figures.tsx";
import { Note, StatusDot } from "../../parts/status.tsx";
import { Switch } from "../../parts/switch.tsx";
import { Time } from "../../parts/time.tsx";
import { toast } from "../../parts/toast.tsx";
import { keyOf } from "./doing.ts";
import { draftOfKey, freeName, freshKey, keyBody } from "./key-draft.ts";
import { KeyForm } from "./key-form.tsx";
import { SourceWords } from "./source.tsx";
import { TestWords } from "./test-words.tsx";
import type { KeyShown, ProviderShown, ProviderType, TestResult } from "./types.ts";
import type { Stats } from "./use-stats.ts";

export interface ProviderKeysFacts {
  readonly provider: ProviderShown;
  readonly types: readonly ProviderType[];
  readonly stats: Stats;
  readonly isLocked: boolean;
}

export function ProviderKeys({ provider, types, stats, isLocked }: ProviderKeysFacts) {
  const [form, setForm] = useState<KeyShown | "new" | null>(null);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const base = String(provider.custom_provider_config?.["base_provider_type"] ?? provider.name);
  const type = types.find(({ name }) => name === base);
  const keys = provider.keys.filter(({ id }) => !hidden.has(id));
  const isBare = type?.keyless === true && keys.length === 0;
  const hide = (id: string, isHidden: boolean) =>
    setHidden((before) => new Set(isHidden ? [...before, id] : [...before].filter((one) => one !== id)));
  const remove = (key: KeyShown) => {
    hide(key.id, true);
    toast({
      text: `The key “${key.name}” of ${provider.name} is deleted.`,
      undo: () => hide(key.id, false),
      onGone: async () => {
        await send("DELETE", keyPath(provider.name, key.id)).catch((error: unknown) => {
          toast({ text: `The key was not deleted: ${toApiError(error).message}`, tone: "bad" });
        });
        await refresh("/api/providers");
        hide(key.id, false);
      },
    });
  };
  return (
    <>
      {isBare && <p class="soft">It needs no key.</p>}
      {!isBare && keys.length === 0 && <Note tone="warn">Without a key nothing is sent to it.</Note>}
      <ul class="providers-keys" aria-label={`Keys of ${provider.name}`}>
        {keys.map((key) => (
          <KeyRow
            key={key.id}
            of={key}
            provider={provider}
            stats={stats}
            isLocked={isLocked}
            onEdit={() => setForm(key)}
            onRemove={() => remove(key)}
          />
        ))}
      </ul>
      {!isLocked && provider.source.type !== "built-in" && (
        <div class="row">
          <Button small icon="plus" onClick={() => setForm("new")}>
            Add a key
          </Button>
        </div>
      )}
      {form !== null && (
        <KeyForm
          provider={provider.name}
          type={type}
          shown={form === "new" ? undefined : form}
          start={
            form === "new"
              ? freshKey(freeName(provider.keys.map(({ name }) => name)))
              : draftOfKey(form, type?.key_fields ?? [])
          }
          isLocked={isLocked}
          onClose={() => setForm(null)}
        />
      )}
    </>
  );
}

function keyPath(provider: string, id: string): string {
  return `/api/providers/${encodeURIComponent(provider)}/keys/${encodeURIComponent(id)}`;
}

interface RowFacts {
  readonly of: KeyShown;
  readonly provider: ProviderShown;
  readonly stats: Stats;
  readonly isLocked: boolean;
  readonly onEdit: () => void;
  readonly onRemove: () => void;
}

function KeyRow({ of: key, provider, stats, isLocked, onEdit, onRemove }: RowFacts) {
  const [result, setResult] = useState<TestResult | string | null>(null);
  const row = stats.keys.get(key.id);
  const error = stats.doing.errors.get(keyOf(provider.name, key.name));
  const path = keyPath(provider.name, key.id);
  const test = async () => {
    setResult(null);
    try {
      setResult(await send<TestResult>("POST", `${path}/test`, {}));
    } catch (thrown) {
      setResult(toApiError(thrown).message);
    }
  };
  const turn = async (enabled: boolean) => {
    try {
      await send("PUT", path, keyBody({ ...draftOfKey(key, []), enabled }, key));
    } catch (thrown) {
      toast({ text: `The key was not changed: ${toApiError(thrown).message}`, tone: "bad" });
    }
    await refresh("/api/providers");
  };
  return (
    <li data-testid={`key-${key.name}`}>
      <div class="row apart">
        <span class="row">
          <span class="strong">{key.name}</span>
          <code class="soft">{key.value.env_var || key.value.value}</code>
          <KeyState of={key} provider={provider} stats={stats} />
        </span>
        <span class="row">
          <Button small icon="play" onClick={test}>
            Test
          </Button>
          <Button small icon="edit" label={isLocked ? `Show ${key.name}` : `Edit ${key.name}`} onClick={onEdit} />
          {!isLocked && (
            <>
              <Button small icon="trash" kind="bare" label={`Delete ${key.name}`} onClick={onRemove} />
              <Switch quiet label={`${key.name} is on`} on={key.enabled} onChange={(on) => void turn(on)} />
            </>
          )}
        </span>
      </div>
      <p class="row soft small">
        <span>weight {key.weight}</span>
        <span>
          {key.models.length === 1 && key.models[0] === "*"
            ? "all models"
            : key.models.length === 0
              ? "no model"
              : key.models.join(", ")}
        </span>
        <span>{stats.doing.inFlight.get(keyOf(provider.name, key.name)) ?? 0} in flight</span>
        {row !== undefined && (
          <>
            <span>{percent(row.error_count / Math.max(1, row.total_requests))} errors</span>
            <span>
              p95 <Duration ms={row.p95_latency} />
            </span>
          </>
        )}
        <SourceWords source={key.source} />
      </p>
      {key.status === "error" && <Note tone="warn">{key.description}</Note>}
      {error !== undefined && (
        <p class="small soft">
          <a href={`/requests/${error.request}`}>Last error</a> <Time at={error.at} />: {error.words}
        </p>
      )}
      {result !== null && <TestWords result={result} provider={provider.name} />}
    </li>
  );
}

function KeyState({
  of: key,
  provider,
  stats,
}: {
  readonly of: KeyShown;
  readonly provider: ProviderShown;
  readonly stats: Stats;
}) {
  if (!key.enabled) return <StatusDot tone="off">off</StatusDot>;
  if (key.status === "error") return <StatusDot tone="bad">cannot be used</StatusDot>;
  const rest = stats.health.get(provider.name)?.keys.find(({ id }) => id === key.id);
  if (rest === undefined) return <StatusDot tone="good">ready</StatusDot>;
  return (
    <StatusDot tone="warn">
      rests: {rest.reason}
      {rest.rest_until > 0 && (
        <>
          , tried again <Time at={rest.rest_until} />
        </>
      )}
    </StatusDot>
  );
}
