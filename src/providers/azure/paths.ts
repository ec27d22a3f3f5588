// Where Azure OpenAI serves an operation: by deployment and api-version, or in the style of its v1 surface.
import type { KeyEntity } from "../../core/entities.ts";
import type { Operation } from "../../core/operations.ts";

/** The last dated version that is generally available. */
export const DEFAULT_API_VERSION = "2024-10-21";

const BELOW_DEPLOYMENT = { chat: "chat/completions", completions: "completions", embeddings: "embeddings" } as const;
const BELOW_V1: Readonly<Record<Operation, string>> = {
  chat: "/openai/v1/chat/completions",
  completions: "/openai/v1/completions",
  embeddings: "/openai/v1/embeddings",
  models: "/openai/v1/models",
};

/** The name of the deployment that serves the model with this key. */
export function deploymentOf(model: string, key: KeyEntity): string {
  return own(key.azure?.deployments, model) ?? own(key.aliases, model) ?? model;
}

function own(names: Readonly<Record<string, string>> | undefined, model: string): string | undefined {
  return names !== undefined && Object.hasOwn(names, model) ? names[model] : undefined;
}

/**
 * Path and query below the resource's endpoint. `v1`, `latest` and `preview` are the versions of the v1 surface, which
 * takes the deployment as the body's model; `preview` still asks for its query parameter.
 */
export function azurePath(operation: Operation, model: string, key: KeyEntity): string {
  const version = key.azure?.apiVersion || DEFAULT_API_VERSION;
  if (version === "v1" || version === "latest") return BELOW_V1[operation];
  if (version === "preview") return `${BELOW_V1[operation]}?api-version=preview`;
  const query = `?api-version=${encodeURIComponent(version)}`;
  if (operation === "models") return `/openai/models${query}`;
  return `/openai/deployments/${encodeURIComponent(deploymentOf(model, key))}/${BELOW_DEPLOYMENT[operation]}${query}`;
}
