// Home once there was traffic: figures, providers, what needs attention, who spends, and the last requests.
import type { LogPage } from "../../../../src/core/stores.ts";
import { type Resource, useResource } from "../../api/resource.ts";
import { ButtonLink } from "../../parts/button.tsx";
import { Card } from "../../parts/card.tsx";
import { Attention } from "./attention.tsx";
import type { BudgetAtRisk, BudgetEvent, UnpricedModel } from "./attention-items.ts";
import { BreakIt } from "./break-it.tsx";
import { LastRequests } from "./last-requests.tsx";
import { OverviewFigures } from "./overview-figures.tsx";
import { ProviderStrip } from "./provider-strip.tsx";
import { Spenders } from "./spenders.tsx";
import type { ConfiguredProvider, UiState } from "./types.ts";

const SELDOM = 30_000;

export function Overview({ state, last }: { readonly state: UiState; readonly last: Resource<LogPage> }) {
  const providers = useResource<{ readonly providers: readonly ConfiguredProvider[] }>("/api/providers", {
    every: SELDOM,
  });
  const risks = useResource<{ readonly at_risk: readonly BudgetAtRisk[] }>("/api/governance/forecast", {
    every: SELDOM,
  });
  const events = useResource<{ readonly events: readonly BudgetEvent[] }>("/api/governance/budget-events?limit=100", {
    every: SELDOM,
  });
  const unpriced = useResource<{ readonly models: readonly UnpricedModel[] }>("/api/pricing/unpriced?limit=5", {
    every: SELDOM,
  });
  return (
    <>
      <OverviewFigures budget={risks.data?.at_risk[0] ?? null} />
      <ProviderStrip providers={providers} />
      {state.demo.enabled && <BreakIt />}
      <Attention
        providers={providers.data?.providers ?? []}
        events={events.data?.events ?? []}
        risks={risks.data?.at_risk ?? []}
        unpriced={unpriced.data?.models ?? []}
        warnings={state.warning_texts}
      />
      <Spenders />
      <Card
        title="Last requests"
        flush
        actions={
          <ButtonLink kind="bare" href="/requests">
            All requests
          </ButtonLink>
        }
      >
        <LastRequests stored={last.data?.logs ?? []} />
      </Card>
    </>
  );
}
