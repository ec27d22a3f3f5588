// The providers: state, share of the traffic, calls under way, errors, latency; each opens to its keys.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import { toApiError } from "../../api/errors.ts";
import { refresh } from "../../api/resource.ts";
import { percent, plural } from "../../lib/format.ts";
import { queryValue, setQuery } from "../../lib/router.ts";
import { Button } from "../../parts/button.tsx";
import { Duration } from "../../parts/figures.tsx";
import { Icon } from "../../parts/icon.tsx";
import { StatusDot } from "../../parts/status.tsx";
import { Time } from "../../parts/time.tsx";
import { toast } from "../../parts/toast.tsx";
import { ProviderKeys } from "./provider-keys.tsx";
import { SourceWords } from "./source.tsx";
import type { ProviderShown, ProviderType } from "./types.ts";
import type { Stats } from "./use-stats.ts";

export interface ProviderListFacts {
  readonly providers: readonly ProviderShown[];
  readonly types: readonly ProviderType[];
  readonly stats: Stats;
  readonly isLocked: boolean;
}

export function ProviderList({ providers, types, stats, isLocked }: ProviderListFacts) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const open = queryValue("open");
  const hide = (name: string, isHidden: boolean) =>
    setHidden((before) => new Set(isHidden ? [...before, name] : [...before].filter((one) => one !== name)));
  const remove = (provider: ProviderShown) => {
    hide(provider.name, true);
    toast({
      text: `${provider.name} is deleted with ${plural(provider.keys.length, "key")}.`,
      undo: () => hide(provider.name, false),
      onGone: async () => {
        await send("DELETE", `/api/providers/${encodeURIComponent(provider.name)}`).catch((error: unknown) => {
          toast({ text: `${provider.name} was not deleted: ${toApiError(error).message}`, tone: "bad" });
        });
        await refresh("/api/providers");
        hide(provider.name, false);
      },
    });
  };
  return (
    <ul class="providers-list">
      {providers
        .filter(({ name }) => !hidden.has(name))
        .map((provider) => (
          <li key={provider.name} data-testid={`provider-${provider.name}`}>
            <Row provider={provider} types={types} stats={stats} isOpen={open === provider.name} />
            {open === provider.name && (
              <div class="providers-inside" id={`inside-${provider.name}`}>
                <div class="row apart">
                  <SourceWords source={provider.source} />
                  {provider.source.type !== "built-in" && (
                    <div class="row">
                      <Button small icon="edit" onClick={() => setQuery({ edit: provider.name }, { replace: false })}>
                        {isLocked ? "Show settings" : "Edit"}
                      </Button>
                      {!isLocked && (
                        <Button small kind="danger" icon="trash" onClick={() => remove(provider)}>
                          Delete
                        </Button>
                      )}
                    </div>
                  )}
                </div>
                <ProviderKeys provider={provider} types={types} stats={stats} isLocked={isLocked} />
              </div>
            )}
          </li>
        ))}
    </ul>
  );
}

function Row({
  provider,
  types,
  stats,
  isOpen,
}: {
  readonly provider: ProviderShown;
  readonly types: readonly ProviderType[];
  readonly stats: Stats;
  readonly isOpen: boolean;
}) {
  const row = stats.providers.get(provider.name);
  const error = stats.doing.errors.get(provider.name);
  const label = types.find(({ name }) => name === provider.name)?.label;
  return (
    <div class="providers-row">
      <button
        type="button"
        class="providers-open"
        aria-expanded={isOpen}
        aria-controls={isOpen ? `inside-${provider.name}` : undefined}
        onClick={() => setQuery({ open: isOpen ? null : provider.name })}
      >
        <Icon name={isOpen ? "down" : "right"} size={14} />
        <span class="strong clip">{provider.name}</span>
        {label !== undefined && label !== provider.name && <span class="soft clip">{label}</span>}
      </button>
      <Cell name="State">
        <ProviderState provider={provider} stats={stats} />
      </Cell>
      <Cell name="Share">
        <span class="num">
          {row === undefined || stats.total === 0 ? "–" : percent(row.total_requests / stats.total)}
        </span>
      </Cell>
      <Cell name="In flight">
        <span class="num">{stats.doing.inFlight.get(provider.name) ?? 0}</span>
      </Cell>
      <Cell name="Errors">
        <span class="num">{row === undefined ? "–" : percent(row.error_count / Math.max(1, row.total_requests))}</span>
      </Cell>
      <Cell name="p95">
        <Duration ms={row?.p95_latency ?? null} />
      </Cell>
      {error !== undefined && (
        <p class="providers-error small soft">
          <a href={`/requests/${error.request}`}>Last error</a> <Time at={error.at} />: {error.words}
        </p>
      )}
    </div>
  );
}

function Cell({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <span class="providers-cell">
      <span class="faint small">{name}</span>
      {children}
    </span>
  );
}

function ProviderState({ provider, stats }: { readonly provider: ProviderShown; readonly stats: Stats }) {
  const health = stats.health.get(provider.name);
  if (provider.provider_status === "error")
    return (
      <StatusDot tone="bad" reason={provider.description}>
        cannot run
      </StatusDot>
    );
  const broken = provider.keys.filter(({ status }) => status === "error");
  const usable = provider.keys.filter(({ status, enabled }) => status !== "error" && enabled);
  if (provider.keys.length > 0 && usable.length === 0) return <StatusDot tone="bad">no usable key</StatusDot>;
  if (health !== undefined && health.state !== "ok")
    return (
      <span class="stack-tight">
        <StatusDot tone={health.state === "resting" ? "bad" : "warn"} reason={health.reason}>
          {health.state === "resting" ? "rests" : "in part"}
        </StatusDot>
        <span class="small soft">
          {health.reason} <Time at={health.since} />
        </span>
      </span>
    );
  if (broken.length > 0) return <StatusDot tone="warn">{plural(broken.length, "key")} off</StatusDot>;
  return <StatusDot tone="good">ready</StatusDot>;
}
