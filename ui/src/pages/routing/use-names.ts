// Lists that the forms of this page choose from: providers, models, provider keys, virtual keys, teams, customers.
import { useState } from "preact/hooks";
import { useResource } from "../../api/resource.ts";
import type { Option } from "../../parts/select.tsx";
import type { FlatKey, Named } from "./types.ts";

const FEW = 20;

/** Names of the configured providers. */
export function useProviders(): readonly string[] {
  const { data } = useResource<{ providers: readonly { name: string }[] }>("/api/providers");
  return data?.providers.map(({ name }) => name) ?? [];
}

/** All keys of all providers. */
export function useProviderKeys(): readonly FlatKey[] {
  return useResource<readonly FlatKey[]>("/api/keys").data ?? [];
}

export interface SearchedOptions {
  readonly options: readonly Option[];
  readonly onSearch: (text: string) => void;
}

/** Models as `provider/model`, searched at the gateway: lists may be long. */
export function useModels(provider = ""): SearchedOptions {
  const [text, setText] = useState("");
  const query = new URLSearchParams({ query: text.split("/").at(-1) ?? "", limit: String(FEW) });
  if (provider !== "") query.set("provider", provider);
  const { data } = useResource<{ models: readonly { name: string; provider: string }[] }>(`/api/models?${query}`);
  const options = (data?.models ?? []).map((model) =>
    provider === ""
      ? { value: `${model.provider}/${model.name}`, label: `${model.provider}/${model.name}` }
      : { value: model.name, label: model.name },
  );
  return { options: fitting(options, text), onSearch: setText };
}

/** While the answer to what is typed is under way, options of before that do not fit are not offered. */
function fitting(options: readonly Option[], text: string): readonly Option[] {
  const wanted = text.trim().toLowerCase();
  return options.filter(({ label }) => label.toLowerCase().includes(wanted));
}

export type OwnerKind = "virtual_key" | "team" | "customer";

const OWNERS: Readonly<Record<OwnerKind, readonly [path: string, member: string]>> = {
  virtual_key: ["virtual-keys", "virtual_keys"],
  team: ["teams", "teams"],
  customer: ["customers", "customers"],
};

/** Virtual keys, teams or customers, searched at the gateway. `chosen`: its name is shown whatever the list holds. */
export function useOwners(kind: OwnerKind | null, chosen: string): SearchedOptions {
  const [text, setText] = useState("");
  const [path, member] = OWNERS[kind ?? "virtual_key"];
  const query = new URLSearchParams({ search: text, limit: String(FEW), sort_by: "name", order: "asc" });
  const base = `/api/governance/${path}`;
  const list = useResource<Record<string, readonly Named[]>>(kind === null ? null : `${base}?${query}`);
  const isUuid = /^[0-9a-f-]{36}$/.test(chosen);
  const one = useResource<Record<string, Named>>(
    kind === null || !isUuid ? null : `${base}/${encodeURIComponent(chosen)}`,
  );
  const named = Object.values(one.data ?? {}).find((value) => value?.id === chosen);
  const found = list.data?.[member] ?? [];
  const options = found.map(({ id, name }) => ({ value: id, label: name }));
  if (named !== undefined && !found.some(({ id }) => id === chosen))
    options.unshift({ value: named.id, label: named.name });
  return { options: fitting(options, text), onSearch: setText };
}
