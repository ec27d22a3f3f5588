// The section Prices: whose prices are in force, models without one, and costs calculated anew.

import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import { type ApiError, toApiError } from "../../api/errors.ts";
import { refresh, useResource } from "../../api/resource.ts";
import { Button, ButtonLink } from "../../parts/button.tsx";
import { Facts } from "../../parts/card.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { Count } from "../../parts/figures.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { StatusDot } from "../../parts/status.tsx";
import { Time } from "../../parts/time.tsx";
import { toast } from "../../parts/toast.tsx";
import type { SectionBody } from "./page.tsx";
import { Recalculate } from "./recalculate.tsx";
import { Section, SettingList } from "./section.tsx";

interface PriceStatus {
  readonly bundled: { readonly date: string; readonly version: string; readonly sources: readonly string[] } | null;
  readonly price_sheet: null | {
    readonly pricing_url: string | null;
    readonly version: string | null;
    readonly entries: number;
    readonly fetched_at: string | null;
    readonly next_check_at: string | null;
    readonly error: string | null;
  };
  readonly overrides: number;
}

export function Prices({ settings }: SectionBody) {
  const status = useResource<PriceStatus>("/api/pricing/status");
  const [error, setError] = useState<ApiError | null>(null);
  const sync = async () => {
    setError(null);
    try {
      const { message } = await send<{ message: string }>("POST", "/api/pricing/force-sync", {});
      toast({ text: `${message.charAt(0).toUpperCase()}${message.slice(1)}.` });
      await refresh("/api/pricing");
    } catch (failure) {
      setError(toApiError(failure));
    }
  };
  return (
    <Section id="prices" title="Prices" lead="What tokens cost, and where that is known from.">
      <Loaded of={status} failed="The state of the prices could not be read.">
        {(found) => <Status status={found} onSync={sync} />}
      </Loaded>
      {error !== null && <ErrorPanel what="The price sheet was not read." error={error} onRetry={sync} />}
      <Unpriced />
      <Recalculate />
      <SettingList settings={settings} />
    </Section>
  );
}

function Status({ status, onSync }: { readonly status: PriceStatus; readonly onSync: () => Promise<void> }) {
  const { bundled, price_sheet: sheet, overrides } = status;
  const rows: [string, preact.ComponentChildren][] = [
    ["Bundled", bundled === null ? "none" : `${bundled.date} from ${bundled.sources.join(", ")}`],
    ["Overrides", <Count key="n" value={overrides} />],
  ];
  if (sheet === null) return <Facts rows={[...rows, ["Sheet", "none configured; the bundled prices are in force"]]} />;
  const state =
    sheet.error === null ? (
      <StatusDot tone="good">{sheet.version ?? "in force"}</StatusDot>
    ) : (
      <StatusDot tone="bad">{sheet.error}</StatusDot>
    );
  return (
    <>
      <Facts
        rows={[
          ...rows,
          ["Sheet", <code key="u">{sheet.pricing_url ?? "from before; no address is configured now"}</code>],
          ["State", state],
          ["Prices in it", <Count key="e" value={sheet.entries} />],
          ["Read", <Time key="f" at={sheet.fetched_at} />],
          ["Next look", <Time key="x" at={sheet.next_check_at} exact />],
        ]}
      />
      <div class="row">
        <Button icon="retry" onClick={onSync}>
          Read the sheet now
        </Button>
      </div>
    </>
  );
}

interface Unpriced {
  readonly models: readonly { readonly provider: string; readonly model: string; readonly requests: number }[];
  readonly total: number;
}

const SHOWN = 10;

function Unpriced() {
  const [limit, setLimit] = useState(SHOWN);
  const unpriced = useResource<Unpriced>(`/api/pricing/unpriced?limit=${limit}`);
  return (
    <Loaded
      of={unpriced}
      failed="The models without a price could not be read."
      empty={({ total }) => (total === 0 ? <p class="soft">Every model has a price.</p> : null)}
    >
      {({ models, total }) => (
        <div class="stack-tight">
          <h3>Unknown price</h3>
          <ul class="settings-rows">
            {models.map(({ provider, model, requests }) => (
              <li key={`${provider}/${model}`} class="row apart">
                <code class="clip">{`${provider}/${model}`}</code>
                <span class="row">
                  <span class="soft small">
                    {requests === 0 ? "not asked for lately" : `${requests} requests in 30 days`}
                  </span>
                  <ButtonLink kind="bare" href={`/providers?price=${encodeURIComponent(`${provider}/${model}`)}`}>
                    Set a price
                  </ButtonLink>
                </span>
              </li>
            ))}
          </ul>
          {total > models.length && (
            <div>
              <Button small kind="bare" onClick={() => setLimit(limit + 50)}>
                {`Show more of ${total}`}
              </Button>
            </div>
          )}
        </div>
      )}
    </Loaded>
  );
}
