// The health of the keys at this moment: which rest, why, and until when.
import { liveHealth, liveState } from "../../api/live-store.ts";
import { Card } from "../../parts/card.tsx";
import { StatusDot } from "../../parts/status.tsx";
import { Time } from "../../parts/time.tsx";
import type { FlatKey } from "./types.ts";
import { useProviderKeys } from "./use-names.ts";

/** What is known of one key. */
interface KeyHealth {
  readonly reason: string;
  readonly until: number;
}

export function KeyHealthCard() {
  const keys = useProviderKeys();
  const health = liveHealth.value;
  const rests = new Map<string, KeyHealth>();
  for (const provider of health.values())
    for (const key of provider.keys) rests.set(key.id, { reason: key.reason, until: key.rest_until });
  const order = keys.toSorted((a, b) => Number(rests.has(b.key_id)) - Number(rests.has(a.key_id)));
  return (
    <Card title="Health of the keys now" flush testId="health">
      {keys.length === 0 ? (
        <p class="soft routing-scope">
          No provider has a key. <a href="/providers">Add a provider</a>
        </p>
      ) : (
        <ul class="routing-rules" aria-label="Provider keys">
          {order.slice(0, MOST_SHOWN).map((key) => (
            <KeyRow key={key.key_id} of={key} rest={rests.get(key.key_id)} />
          ))}
        </ul>
      )}
      {liveState.value === "refused" && <p class="soft routing-scope">The live stream is not offered to this login.</p>}
    </Card>
  );
}

const MOST_SHOWN = 50;

function KeyRow({ of: key, rest }: { readonly of: FlatKey; readonly rest: KeyHealth | undefined }) {
  return (
    <li class="routing-key">
      <span>
        <a href={`/providers?open=${encodeURIComponent(key.provider)}`}>{key.provider}</a> · {key.name}
      </span>
      <span>
        <KeyState of={key} rest={rest} />
        {rest !== undefined && rest.until > 0 && (
          <span class="soft">
            {" "}
            until <Time at={rest.until} />
          </span>
        )}
      </span>
      <span class="soft">{rest?.reason || (key.status === "error" ? key.description : "")}</span>
      <span class="num soft">weight {key.weight}</span>
    </li>
  );
}

function KeyState({ of: key, rest }: { readonly of: FlatKey; readonly rest: KeyHealth | undefined }) {
  if (!key.enabled) return <StatusDot tone="off">off</StatusDot>;
  if (key.status === "error") return <StatusDot tone="bad">cannot be used</StatusDot>;
  if (rest === undefined) return <StatusDot tone="good">ready</StatusDot>;
  return <StatusDot tone="warn">{rest.until > Date.now() ? "rests" : "is tried again"}</StatusDot>;
}
