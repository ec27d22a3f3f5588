// What the command menu finds in the gateway: providers, virtual keys, and a request by its id.
import { get } from "../api/client.ts";
import { fit } from "../lib/rank.ts";
import { navigate } from "../lib/router.ts";
import type { Command } from "./commands.ts";

const MOST = 6;

/** What is called like `query`. A part of the gateway that does not answer finds nothing. */
export async function findObjects(query: string, signal: AbortSignal): Promise<readonly Command[]> {
  const wanted = query.trim();
  if (wanted.length < 2) return [];
  const found = await Promise.all([
    providers(wanted, signal),
    virtualKeys(wanted, signal),
    requestById(wanted, signal),
  ]);
  return found.flat();
}

async function providers(query: string, signal: AbortSignal): Promise<Command[]> {
  const answer = await ask<{ providers?: { name: string }[] }>("/api/providers", signal);
  return (answer?.providers ?? [])
    .filter(({ name }) => fit(query, name) >= 50)
    .slice(0, MOST)
    .map(({ name }) => ({
      id: `provider:${name}`,
      title: name,
      group: "Providers",
      icon: "providers",
      run: () => navigate(`/providers/${encodeURIComponent(name)}`),
    }));
}

async function virtualKeys(query: string, signal: AbortSignal): Promise<Command[]> {
  const path = `/api/governance/virtual-keys?limit=${MOST}&search=${encodeURIComponent(query)}`;
  const answer = await ask<{ virtual_keys?: { id: string; name: string }[] }>(path, signal);
  return (answer?.virtual_keys ?? []).slice(0, MOST).map(({ id, name }) => ({
    id: `key:${id}`,
    title: name,
    group: "Virtual keys",
    icon: "keys",
    run: () => navigate(`/keys/${encodeURIComponent(id)}`),
  }));
}

async function requestById(query: string, signal: AbortSignal): Promise<Command[]> {
  if (!/^[\w-]{8,}$/.test(query)) return [];
  const row = await ask<{ id: string; requested_model: string }>(`/api/logs/${encodeURIComponent(query)}`, signal);
  if (row === null || typeof row.id !== "string") return [];
  return [
    {
      id: `request:${row.id}`,
      title: `Request ${row.id}`,
      hint: row.requested_model,
      group: "Requests",
      icon: "requests",
      run: () => navigate(`/requests/${encodeURIComponent(row.id)}`),
    },
  ];
}

async function ask<T>(path: string, signal: AbortSignal): Promise<T | null> {
  return await get<T>(path, { signal }).catch(() => null);
}
