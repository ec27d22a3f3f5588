// The head of a request: how it ended, for whom, and its figures; what can be filtered by is a link that does so.
import type { ComponentChildren } from "preact";
import type { LogRow } from "../../../../src/core/stores.ts";
import { duration, exactDuration } from "../../lib/format.ts";
import { place } from "../../lib/router.ts";
import { Facts } from "../../parts/card.tsx";
import { Duration, Tokens } from "../../parts/figures.tsx";
import { Time } from "../../parts/time.tsx";
import { Cost } from "./columns.tsx";
import { Elapsed } from "./elapsed.tsx";
import type { RequestRow } from "./rows.ts";

export function DetailFacts({ row, record }: { readonly row: RequestRow; readonly record: LogRow | null }) {
  return (
    <>
      <div class="requests-figures">
        <Figure name="Total">
          {row.status === "processing" ? <Elapsed at={row.at} /> : <Duration ms={row.latency} />}
        </Figure>
        <Figure name="First token">
          <Duration ms={row.timeToFirstToken} />
        </Figure>
        <Figure name="Tokens">
          <Tokens count={row.totalTokens} />
        </Figure>
        <Figure name="Cost">
          <Cost row={row} />
        </Figure>
        <Figure name="Gateway itself">
          <span class="num" title={exactDuration(record?.overhead_us == null ? null : record.overhead_us / 1000)}>
            {duration(record?.overhead_us == null ? null : record.overhead_us / 1000)}
          </span>
        </Figure>
      </div>
      <Facts rows={rowsOf(row, record)} />
    </>
  );
}

function Figure({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <span class="soft small">{name}</span>
      <span class="requests-figure">{children}</span>
    </div>
  );
}

type FactRow = readonly [string, ComponentChildren];

function rowsOf(row: RequestRow, record: LogRow | null): FactRow[] {
  const served = row.model === "" ? "nobody" : `${row.provider}/${row.model}`;
  const rows: (FactRow | null)[] = [
    ["Arrived", <Time key="at" at={row.at} exact />],
    [
      "Model",
      <span key="model">
        <Like name="aliases" value={row.requestedModel} text={row.requestedModel || "none named"} />
        <span class="faint"> → </span>
        {row.model === "" ? <span class="soft">{served}</span> : <Like name="models" value={row.model} text={served} />}
      </span>,
    ],
    ["Operation", `${row.object.replaceAll("_", " ")}${row.stream ? ", streamed" : ""}`],
    row.virtualKeyId === null
      ? [
          "Virtual key",
          <span key="none" class="soft">
            none
          </span>,
        ]
      : [
          "Virtual key",
          <span key="key" class="row">
            <Like name="virtual_key_ids" value={row.virtualKeyId} text={row.virtualKeyName ?? row.virtualKeyId} />
            <a class="small" href={`/keys/${encodeURIComponent(row.virtualKeyId)}`}>
              Open the key
            </a>
          </span>,
        ],
    likeFact("User", "user_ids", row.userId),
    likeFact("App", "apps", row.app),
    ...(record === null ? [] : recordFacts(record)),
  ];
  return rows.filter((one) => one !== null);
}

function recordFacts(record: LogRow): (FactRow | null)[] {
  return [
    likeFact("Team", "team_ids", record.team_id, record.team_name),
    likeFact("Customer", "customer_ids", record.customer_id, record.customer_name),
    likeFact("Session", "session_ids", record.session_id),
    likeFact("Routing rule", "routing_rule_ids", record.routing_rule_id, record.routing_rule_name),
    likeFact("Provider key", "selected_key_ids", record.selected_key_id || null, record.selected_key_name),
    likeFact("Stop reason", "stop_reasons", record.stop_reason),
    likeFact("Client's id", "client_request_id", record.client_request_id),
    record.user_agent === null ? null : ["Client", record.user_agent],
    ...Object.entries(record.metadata).map(
      ([name, value]): FactRow => [name, <Like key={name} name={`tag:${name}`} value={value} text={value} />],
    ),
    record.dropped_params.length === 0 ? null : ["Not passed on", record.dropped_params.join(", ")],
  ];
}

function likeFact(label: string, name: string, value: string | null, text?: string | null): FactRow | null {
  return value === null || value === ""
    ? null
    : [label, <Like key={name} name={name} value={value} text={text || value} />];
}

/** Narrows the list to requests that are alike in this. */
function Like({ name, value, text }: { readonly name: string; readonly value: string; readonly text: string }) {
  if (value === "") return <span class="soft">{text}</span>;
  // the link keeps request and list as they are, and narrows the list
  const query = new URLSearchParams(place.value.query);
  query.set(name, value);
  return (
    <a class="requests-like" href={`${place.value.path}?${query}`} title="Show requests like this">
      {text}
    </a>
  );
}
