// The section Alerts: where news of budgets go, and the last of them.
import { useResource } from "../../api/resource.ts";
import { Loaded } from "../../parts/loaded.tsx";
import { StatusDot } from "../../parts/status.tsx";
import { Time } from "../../parts/time.tsx";
import type { SectionBody } from "./page.tsx";
import { Section, SettingList } from "./section.tsx";

interface BudgetEvent {
  readonly id: string;
  readonly timestamp: string;
  /** Percent. */
  readonly threshold: number;
  readonly budget_id: string;
  readonly owner_id: string;
  readonly owner_name: string;
}

interface BudgetEvents {
  readonly events: readonly BudgetEvent[];
}

export function Alerts({ settings }: SectionBody) {
  const events = useResource<BudgetEvents>("/api/governance/budget-events?limit=5");
  return (
    <Section
      id="alerts"
      title="Alerts"
      lead={
        <>
          A budget that reaches 50, 80 or 100 % is told to the address below. <a href="/docs/money">What is sent</a>
        </>
      }
    >
      <Loaded
        of={events}
        failed="The last alerts could not be read."
        empty={(found) => (found.events.length === 0 ? <p class="soft">No budget has reached 50 % yet.</p> : null)}
      >
        {(found) => (
          <ul class="settings-rows">
            {found.events.map((event) => (
              <li key={event.id} class="row apart">
                <EventWords event={event} />
                <Time at={event.timestamp} />
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      <SettingList settings={settings} />
    </Section>
  );
}

function EventWords({ event }: { readonly event: BudgetEvent }) {
  const { threshold, owner_name, owner_id, budget_id } = event;
  const owner = owner_name || owner_id || budget_id;
  return <StatusDot tone={threshold >= 100 ? "bad" : "warn"}>{`${owner} reached ${threshold} %`}</StatusDot>;
}
