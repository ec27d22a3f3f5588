// Azure OpenAI: OpenAI's form at the key's own endpoint, the model named by its deployment in the path.
import type { KeyEntity, ProviderEntity } from "../../core/entities.ts";
import type { ProviderError } from "../../core/formats.ts";
import type { Connection, FailureHint, KeyField, ProviderAdapter } from "../../core/provider.ts";
import { missingBase, trimBase } from "../kit/base-url.ts";
import { API_KEY_FIELD, credentialHeaders, openaiLike } from "../kit/openai-like.ts";
import { adjustForReasoning, reasoningRenames } from "../kit/openai-reasoning.ts";
import { entraTokenCall } from "./entra-token.ts";
import { azurePath } from "./paths.ts";

const KEY_FIELDS: readonly KeyField[] = [
  API_KEY_FIELD,
  { name: "azure_key_config.endpoint", label: "Endpoint", required: true, secret: false },
  { name: "azure_key_config.api_version", label: "API version", required: false, secret: false },
  { name: "azure_key_config.tenant_id", label: "Entra tenant", required: false, secret: false },
  { name: "azure_key_config.client_id", label: "Entra application", required: false, secret: false },
  { name: "azure_key_config.client_secret", label: "Entra secret", required: false, secret: true },
  { name: "aliases", label: "Deployments", required: false, secret: false },
];

/** People copy endpoints from the portal with the whole path of a deployment: it ends before `/openai`. */
function endpointOf(provider: ProviderEntity, key: KeyEntity): string {
  const endpoint = key.azure?.endpoint || key.url || provider.network.baseUrl;
  if (endpoint === null) throw missingBase(provider, "set azure_key_config.endpoint of its keys");
  const base = trimBase(endpoint, "");
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(base) ? base : `https://${base}`;
  return withScheme.replace(/\/openai(\/.*|\?.*)?$/, "").replace(/[/?]+$/, "");
}

/** Azure's own codes; undefined: the common reading. */
function hint(_status: number, error: ProviderError): FailureHint | undefined {
  if (error.code === "DeploymentNotFound" || error.code === "OperationNotSupported") return "model-not-found";
  return undefined;
}

const common = openaiLike({
  name: "azure",
  label: "Azure OpenAI",
  baseUrl: null,
  // The endpoint has a variable of its own, AZURE_OPENAI_ENDPOINT, and the version OPENAI_API_VERSION: without the
  // endpoint the key switches nothing on.
  environment: ["AZURE_OPENAI_API_KEY"],
  keyFields: KEY_FIELDS,
  operations: ["chat", "completions", "embeddings", "models"],
  // Deployments may have any name: these alone tell that they chat.
  isChatOnly: (model) => /^(gpt-(4|5|oss)|gpt-3\.?5-turbo(?!-instruct)|o[134])/.test(model),
  renames: reasoningRenames,
  adjust: adjustForReasoning,
  hint,
});

export const azure: ProviderAdapter = {
  ...common,
  connect(provider, key): Connection {
    return {
      baseUrl: endpointOf(provider, key),
      headers: credentialHeaders(key.value, { header: "api-key", prefix: "" }),
    };
  },
  path: (operation, model, key) => azurePath(operation, model, key),
  tokenCall: entraTokenCall,
};
