// A budget or rate limit that a stopped request named: finds its owner, and opens it there.
import { useEffect, useState } from "preact/hooks";
import { get } from "../../api/client.ts";
import { toApiError } from "../../api/errors.ts";
import { navigate } from "../../lib/router.ts";
import { Note } from "../../parts/status.tsx";

interface OwnedLimit {
  readonly id: string;
  readonly virtual_key_id?: string;
  readonly provider_config_id?: string;
  readonly team_id?: string;
  readonly customer_id?: string;
  readonly model_config_id?: string;
  readonly provider?: string;
}

/** Where the form of the limit's owner is. */
export function ownerHref(limit: OwnedLimit): string | null {
  const mark = `limit=${encodeURIComponent(limit.id)}`;
  const { virtual_key_id: key, provider_config_id: config, team_id: team, customer_id: customer } = limit;
  const keyId = key ?? config?.slice(0, config.lastIndexOf("/"));
  if (keyId !== undefined && keyId !== "") return `/keys/${encodeURIComponent(keyId)}/edit?${mark}`;
  if (team !== undefined) return `/keys?tab=teams&open=${encodeURIComponent(team)}&edit=1`;
  if (customer !== undefined) return `/keys?tab=customers&open=${encodeURIComponent(customer)}&edit=1`;
  if (limit.model_config_id !== undefined)
    return `/keys?tab=limits&open=${encodeURIComponent(`model:${limit.model_config_id}`)}&edit=1`;
  return limit.provider === undefined
    ? null
    : `/keys?tab=limits&open=${encodeURIComponent(`provider:${limit.provider}`)}&edit=1`;
}

/** Owners are read so many at a time. */
const STEP = 1_000;

/** Looks through all owners until one has the limit; null: nobody has. */
async function findLimit(id: string, signal: AbortSignal): Promise<OwnedLimit | null> {
  for (const [path, member] of [
    ["budgets", "budgets"],
    ["rate-limits", "rate_limits"],
  ] as const)
    for (let offset = 0; ; offset += STEP) {
      const page = await get<Readonly<Record<string, unknown>>>(
        `/api/governance/${path}?limit=${STEP}&offset=${offset}`,
        { signal },
      );
      const found = (page[member] as readonly OwnedLimit[]).find((one) => one.id === id);
      if (found !== undefined) return found;
      if (page["has_more"] !== true) break;
    }
  return null;
}

export function RaisedLimit({ id }: { readonly id: string }) {
  const [trouble, setTrouble] = useState<string | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    const find = async () => {
      try {
        const found = await findLimit(id, abort.signal);
        const href = found === null ? null : ownerHref(found);
        if (href === null) setTrouble(`Nobody has the limit ${id} any more: it was taken off.`);
        else navigate(href, { replace: true });
      } catch (error) {
        if (!abort.signal.aborted) setTrouble(`The limits could not be read: ${toApiError(error).message}.`);
      }
    };
    void find();
    return () => abort.abort();
  }, [id]);
  return trouble === null ? null : <Note tone="warn">{trouble}</Note>;
}
