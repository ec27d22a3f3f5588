// The one or two models that are talked to, and the virtual key they are asked as; all in the address.
import { useResource } from "../../api/resource.ts";
import { queryValue, setQuery } from "../../lib/router.ts";

interface CatalogueProvider {
  readonly name: string;
  readonly cheap_model: string | null;
  readonly configured: boolean;
}

export interface Targets {
  /** `provider/model`, or a name that routing finds a provider for; empty while nothing is known yet. */
  readonly models: readonly string[];
  /** Id of the virtual key; null = none. */
  readonly keyId: string | null;
  /** Names of the providers that can be asked. */
  readonly providers: readonly string[];
}

/** Parameters of the address by side. */
export const MODEL_PARAMETERS = ["model", "model2"] as const;
const DEMO = { name: "demo", cheap_model: "echo" };

export function useTargets(): Targets {
  const { data } = useResource<{ readonly providers: readonly CatalogueProvider[] }>("/api/providers/catalog");
  const configured = (data?.providers ?? []).filter((one) => one.configured);
  // the first that was set up, before the one that is built in
  const first = configured.find(({ name, cheap_model: cheap }) => cheap !== null && name !== DEMO.name) ?? DEMO;
  const usual = data === undefined ? "" : `${first.name}/${first.cheap_model}`;
  const second = queryValue("model2");
  const model = queryValue("model") || usual;
  return {
    models: second === null ? [model] : [model, second],
    keyId: queryValue("vk") || null,
    providers: configured.map(({ name }) => name),
  };
}

export function chooseModel(side: number, model: string): void {
  setQuery({ [MODEL_PARAMETERS[side] as string]: model });
}

export function chooseKey(id: string | null): void {
  setQuery({ vk: id });
}
