// A request that a budget or limit of ours stopped: which one, of whom, when there is room again, and the way to raise it.
import type { LogRow } from "../../../src/core/stores.ts";
import { useResource } from "../api/resource.ts";
import { absoluteTime, money, relativeTime } from "../lib/format.ts";
import { now, zone } from "../lib/now.ts";
import { findLimit, isStop, ownerPath, raiseHref, type StopLimit, stopLimits } from "../lib/stop.ts";
import { ButtonLink } from "./button.tsx";
import { Meter } from "./figures.tsx";
import { Icon } from "./icon.tsx";

const KIND: Readonly<Record<StopLimit["kind"], string>> = {
  budget: "budget",
  token: "token limit",
  request: "request limit",
  parallel: "limit of parallel requests",
};

/** Whether the panel says all that the error says. */
export function isExplained(record: LogRow): boolean {
  return isStop(record) && limitsOf(record).length > 0;
}

function limitsOf({ error_details: error, virtual_key_name: name }: LogRow): StopLimit[] {
  return stopLimits(error?.message ?? "", name ?? "");
}

/** `isPart`: it stands among others of its kind, and is no landmark of the page. */
export function StopPanel({ record, isPart = false }: { readonly record: LogRow; readonly isPart?: boolean }) {
  if (!isStop(record)) return null;
  const limits = limitsOf(record);
  return (
    <section class="requests-stop" role={isPart ? "group" : undefined} aria-label="Why it was stopped">
      <h3>
        <Icon name="warning" /> Stopped by the gateway before it cost anything
      </h3>
      {limits.length === 0 && <p class="soft">{TEXTS[record.error_details?.code ?? ""] ?? "A limit was used up."}</p>}
      {limits.map((limit) => (
        <Limit key={limit.owner + limit.name + limit.kind + limit.words} limit={limit} record={record} />
      ))}
    </section>
  );
}

const TEXTS: Readonly<Record<string, string>> = {
  budget_contended:
    "Requests under way had reserved what was left of a limit. Sent again a moment later it would have found room.",
  max_cost: "It was estimated dearer than the caller allowed with x-bf-max-cost.",
};

function Limit({ limit, record }: { readonly limit: StopLimit; readonly record: LogRow }) {
  const { data } = useResource<unknown>(ownerPath(limit, record));
  const found = findLimit(limit, data);
  const href = raiseHref(limit, found?.id ?? null, record);
  return (
    <div class="requests-stop-limit">
      <div class="grow">
        <p class="strong">{`${whose(limit)}: ${KIND[limit.kind]}`}</p>
        <p class="soft">
          {limit.words}
          {", "}
          <Reset at={limit.resetsAt} kind={limit.kind} />
        </p>
        {found?.budget != null && (
          <Meter label={`Now used of the budget of ${limit.name}`} used={found.budget.used} limit={found.budget.limit}>
            Now {money(found.budget.used)} of {money(found.budget.limit)}
          </Meter>
        )}
      </div>
      <ButtonLink href={href}>Raise</ButtonLink>
    </div>
  );
}

function whose({ owner, name }: StopLimit): string {
  const words = {
    "virtual-key": "Virtual key",
    team: "Team",
    customer: "Customer",
    provider: "Provider",
    "provider-config": "This key at",
    model: "Model",
  }[owner];
  return `${words} ${name}`;
}

function Reset({ at, kind }: { readonly at: number | null; readonly kind: StopLimit["kind"] }) {
  if (at === null) return <>{kind === "parallel" ? "room as soon as one of them ends" : "does not reset by itself"}</>;
  const isOver = at <= now.value;
  return (
    <time dateTime={new Date(at).toISOString()} title={absoluteTime(at, zone.value)}>
      {isOver
        ? `there is room again since ${absoluteTime(at, zone.value).slice(0, 19)}`
        : `resets ${relativeTime(at, now.value)} (${absoluteTime(at, zone.value).slice(0, 19)})`}
    </time>
  );
}
