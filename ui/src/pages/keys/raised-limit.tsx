// A budget or rate limit that a stopped request named: finds its owner, and opens it there.
import { useEffect } from "preact/hooks";
import { useResource } from "../../api/resource.ts";
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

/** `id`: of a limit, or of a virtual key. */
export function RaisedLimit({ id }: { readonly id: string }) {
  const budgets = useResource<{ budgets: readonly OwnedLimit[] }>("/api/governance/budgets");
  const rates = useResource<{ rate_limits: readonly OwnedLimit[] }>("/api/governance/rate-limits");
  const found = [...(budgets.data?.budgets ?? []), ...(rates.data?.rate_limits ?? [])].find((one) => one.id === id);
  const href = found === undefined ? null : ownerHref(found);
  useEffect(() => {
    if (href !== null) navigate(href, { replace: true });
  }, [href]);
  if (budgets.data === undefined || rates.data === undefined || href !== null) return null;
  return (
    <Note tone="warn">
      The limit {id} is not among those that were read: it may have been taken off. Search its owner below.
    </Note>
  );
}
