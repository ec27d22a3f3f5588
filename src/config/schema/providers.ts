// The schema of providers: keys, network, proxy and custom providers, in the map form and in the array form.
import { type Static, Type } from "typebox";
import {
  anything,
  block,
  choice,
  count,
  flag,
  later,
  list,
  mapOf,
  milliseconds,
  names,
  secret,
  text,
} from "./kinds.ts";

const weight = Type.Number({
  description: "Share of the requests among the keys of the provider.",
  default: 1,
  minimum: 0,
  expected: "a number, 0 or more",
});

const azureKey = block("Azure OpenAI resource of this key.", {
  endpoint: text("Address of the resource, https://NAME.openai.azure.com."),
  api_version: text("API version of the resource."),
  deployments: mapOf("Model to deployment name (1.4 spelling of aliases).", Type.String()),
  client_id: later("Entra client credentials for Azure"),
  client_secret: later("Entra client credentials for Azure"),
  tenant_id: later("Entra client credentials for Azure"),
  scopes: later("Entra client credentials for Azure"),
});

/** The members that only this server type has: its address. */
const localKey = block("Address of the server of this key.", {
  url: text("Address of the server."),
  model_name: text("The model that this server has."),
});

const alias = Type.Union(
  [
    Type.String(),
    block(
      "An alias with facts about the model.",
      { model_id: text("Model as the provider spells it."), model_family: text("Family.") },
      { open: true },
    ),
  ],
  { expected: "the model's name at the provider, or an object with model_id" },
);

export const keySchema = block("One key of a provider.", {
  id: text("Identity of the key; made from its name when absent."),
  name: text("Name of the key, for people and for key_ids."),
  value: secret("The secret."),
  key: secret("The secret, as `api_keys` spells it."),
  models: names('Models that the key serves; absent or ["*"] = all, [] = none (version 1: all).'),
  blacklisted_models: names("Models that the key never serves."),
  weight,
  enabled: flag("A key that is off is never used.", true),
  use_for_batch_api: later("batch requests by key", false),
  aliases: mapOf("Model as asked to model as the provider spells it.", alias),
  azure_key_config: azureKey,
  vllm_key_config: localKey,
  ollama_key_config: localKey,
  sgl_key_config: localKey,
  vertex_key_config: later("provider vertex"),
  bedrock_key_config: later("provider bedrock"),
  bedrock_mantle_key_config: later("provider bedrock_mantle"),
  replicate_key_config: later("provider replicate"),
  // written by the API's answers, without meaning in a file
  description: text("For people."),
  config_hash: anything("Written by the program."),
  status: anything("Written by the program."),
});

export const networkSchema = block("How the provider is reached.", {
  base_url: text("Address in place of the provider's own."),
  extra_headers: mapOf("Headers added to every request.", Type.String({ secret: true })),
  default_request_timeout_in_seconds: Type.Number({
    description: "Longest time of an attempt.",
    default: 300,
    exclusiveMinimum: 0,
    maximum: 86_400,
    expected: "seconds, more than 0",
  }),
  max_retries: count("Further tries at the same provider.", 0, { maximum: 100 }),
  retry_backoff_initial: milliseconds("First wait before a further try.", 500),
  retry_backoff_max: milliseconds("Longest wait before a further try.", 5000),
  retry_backoff_initial_ms: milliseconds("Older spelling of retry_backoff_initial.", 500),
  retry_backoff_max_ms: milliseconds("Older spelling of retry_backoff_max.", 5000),
  stream_idle_timeout_in_seconds: Type.Number({
    description: "Longest silence within a stream.",
    default: 120,
    exclusiveMinimum: 0,
    maximum: 86_400,
    expected: "seconds, more than 0",
  }),
  keep_alive_timeout: Type.Number({
    description: "Seconds that an idle connection is kept.",
    default: 30,
    minimum: 0,
    maximum: 86_400,
    expected: "seconds, 0 or more",
  }),
  max_conns_per_host: count("Connections to the provider at once.", 5000, { minimum: 1 }),
  enforce_http2: later("HTTP/2 to providers", false),
  http2_ping_interval: later("HTTP/2 to providers", 0),
  insecure_skip_verify: flag("Takes any certificate. Only for tests."),
  ca_cert_pem: text("More certificate authorities, PEM."),
  beta_header_overrides: mapOf("Prefix of an anthropic-beta value to whether it goes on.", Type.Boolean()),
  allow_private_network: flag("Private addresses may be reached."),
});

export const proxySchema = block("Proxy to the provider; absent = the environment's.", {
  type: choice("Kind of proxy.", ["none", "http", "socks5", "environment"], { default: "environment" }),
  url: text("Address of the proxy.", { secret: true }),
  username: text("User name at the proxy."),
  password: secret("Password at the proxy."),
  ca_cert_pem: text("Certificate authorities of the proxy, PEM."),
});

const customSchema = block("Makes this name a provider of its own over a provider type.", {
  base_provider_type: text("The provider type whose wire is spoken."),
  is_key_less: flag("Answers without any key."),
  allowed_requests: mapOf(
    "Request type to whether it may be asked; a name that is absent is not allowed.",
    Type.Boolean(),
  ),
  request_path_overrides: mapOf("Request type to the path that replaces the usual one.", Type.String()),
});

const providerMembers = {
  keys: list("The keys.", keySchema),
  api_keys: list(
    "The keys, as the array form spells them.",
    Type.Union([Type.String({ secret: true }), keySchema], { expected: 'a key such as {"key": "…", "weight": 1}' }),
  ),
  network_config: networkSchema,
  concurrency_and_buffer_size: block("Workers and queue.", {
    concurrency: later("concurrency limits by provider"),
    buffer_size: later("queue limits by provider"),
  }),
  proxy_config: proxySchema,
  custom_provider_config: customSchema,
  openai_config: block("OpenAI alone.", { disable_store: later("openai_config.disable_store", false) }),
  send_back_raw_request: later("send_back_raw_request", false),
  send_back_raw_response: later("send_back_raw_response", false),
  store_raw_request_response: later("store_raw_request_response", false),
  description: text("For people."),
  name: text("Name, in the array form."),
  provider: text("Name, in the array form."),
  // written by the API's answers, without meaning in a file
  config_hash: anything("Written by the program."),
  provider_status: anything("Written by the program."),
  status: anything("Written by the program."),
};

export const providerSchema = block("One provider.", providerMembers);

export const providersSchema = Type.Union(
  [mapOf("Provider name to provider.", providerSchema), list("Providers, each with its name.", providerSchema)],
  {
    description: "The providers, by name or as a list.",
    expected:
      'an object such as {"openai": {"keys": [...]}} or a list such as [{"provider": "openai", "api_keys": [...]}]',
  },
);

export type KeyConfig = Static<typeof keySchema>;
export type ProviderConfig = Static<typeof providerSchema>;
export type NetworkConfig = Static<typeof networkSchema>;
export type ProxyConfig = Static<typeof proxySchema>;
