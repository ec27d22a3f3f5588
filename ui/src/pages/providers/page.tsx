// Providers: what the gateway works with: providers and keys, models and prices.
import { useLive } from "../../api/live-stream.ts";
import { useResource } from "../../api/resource.ts";
import { plural } from "../../lib/format.ts";
import { queryValue, setQuery } from "../../lib/router.ts";
import { Button } from "../../parts/button.tsx";
import { Card } from "../../parts/card.tsx";
import { Empty } from "../../parts/empty.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Page as Layout } from "../../parts/page.tsx";
import { Note } from "../../parts/status.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { Models } from "./models.tsx";
import "./page.css";
import { PriceSheet } from "./price-sheet.tsx";
import { ProviderForm } from "./provider-form.tsx";
import { ProviderList } from "./provider-list.tsx";
import type { ProviderShown, ProviderType } from "./types.ts";
import { useStats } from "./use-stats.ts";

interface State {
  readonly config_locked: boolean;
  readonly config_path: string | null;
}

export function Page() {
  useLive();
  const list = useResource<{ providers: readonly ProviderShown[] }>("/api/providers");
  const types = useResource<{ providers: readonly ProviderType[] }>("/api/providers/catalog");
  const state = useResource<State>("/api/ui/state");
  const locked = state.data?.config_locked === true ? (state.data.config_path ?? "config.json") : null;
  const stats = useStats();
  const tab = queryValue("tab") ?? "providers";
  const edited = queryValue("edit");
  const shown = list.data?.providers.find(({ name }) => name === edited);
  const isFormOpen = edited !== null && types.data !== undefined && (edited === "new" || shown !== undefined);

  return (
    <Layout
      title="Providers"
      lead="What does the gateway work with?"
      actions={
        locked === null && (
          <Button kind="primary" icon="plus" onClick={addProvider}>
            Add a provider
          </Button>
        )
      }
    >
      <Tabs
        label="Providers and models"
        current={tab}
        onChange={(id) => setQuery({ tab: id === "providers" ? null : id })}
        tabs={[
          {
            id: "providers",
            title: "Providers",
            content: () => (
              <>
                {locked !== null && (
                  <Note tone="info">The file {locked} rules alone: providers are changed there.</Note>
                )}
                <Findings providers={list.data?.providers ?? []} />
                {stats.isPartial && (
                  <Note tone="warn">Shares, errors and latency could not be read; the rest is right.</Note>
                )}
                <Card flush testId="providers">
                  <Loaded
                    of={list}
                    failed="The providers could not be read."
                    empty={(data) => (data.providers.length > 0 ? null : <NoProvider onAdd={addProvider} />)}
                  >
                    {(data) => (
                      <ProviderList
                        providers={data.providers}
                        types={types.data?.providers ?? []}
                        stats={stats}
                        isLocked={locked !== null}
                      />
                    )}
                  </Loaded>
                </Card>
                <p class="soft small">Share, errors and p95 are those of the last 24 hours.</p>
              </>
            ),
          },
          {
            id: "models",
            title: "Models and prices",
            content: () => (
              <>
                <PriceSheet />
                <Models providers={list.data?.providers.map(({ name }) => name) ?? []} />
              </>
            ),
          },
        ]}
      />
      {isFormOpen && (
        <ProviderForm
          key={edited}
          shown={shown}
          types={types.data?.providers ?? []}
          taken={list.data?.providers.map(({ name }) => name) ?? []}
          locked={locked}
          onClose={() => setQuery({ edit: null })}
        />
      )}
    </Layout>
  );
}

function NoProvider({ onAdd }: { readonly onAdd: () => void }) {
  return (
    <Empty
      icon="providers"
      title="No provider yet"
      why="Paste a key: the gateway tells whose it is, tests it with that provider alone, and keeps it."
      action={
        <Button kind="primary" onClick={onAdd}>
          Add a provider
        </Button>
      }
    />
  );
}

/** Keys that cannot be used: what is missing, and where. */
function Findings({ providers }: { readonly providers: readonly ProviderShown[] }) {
  const broken = providers.flatMap((provider) =>
    provider.keys.filter(({ status }) => status === "error").map((key) => ({ provider, key })),
  );
  if (broken.length === 0) return null;
  return (
    <Note tone="warn">
      <span class="strong">{plural(broken.length, "key")} cannot be used.</span>
      {broken.slice(0, 5).map(({ provider, key }) => (
        <p key={key.id}>
          <a href={`/providers?open=${encodeURIComponent(provider.name)}`}>
            {provider.name} · {key.name}
          </a>
          : {key.description}
          {key.source.place !== undefined && ` (${key.source.place})`}
        </p>
      ))}
    </Note>
  );
}

function addProvider(): void {
  setQuery({ edit: "new" }, { replace: false });
}
