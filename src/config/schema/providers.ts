// The schema of providers: network, proxy and custom providers, in the map form and in the array form.
import { type Static, Type } from "typebox";
import { keySchema } from "./keys.ts";
import {
  block,
  choice,
  count,
  flag,
  headers,
  list,
  mapOf,
  milliseconds,
  seconds,
  secret,
  text,
  written,
} from "./kinds.ts";

export { type KeyConfig, keySchema } from "./keys.ts";

const HTTP2 = { later: "HTTP/2 to providers" };

export const networkSchema = block("How the provider is reached.", {
  base_url: text("Address in place of the provider's own.", { examples: ["https://proxy.example.com/openai"] }),
  extra_headers: headers("Headers added to every request."),
  default_request_timeout_in_seconds: seconds("Longest time of an attempt; of a stream until its first content.", 300, {
    exclusiveMinimum: 0,
  }),
  max_retries: count("Further tries at the same provider.", 0, { maximum: 100 }),
  retry_backoff_initial: milliseconds("First wait before a further try.", 500),
  retry_backoff_max: milliseconds("Longest wait before a further try.", 5000),
  retry_backoff_initial_ms: milliseconds("Older spelling of retry_backoff_initial.", 500),
  retry_backoff_max_ms: milliseconds("Older spelling of retry_backoff_max.", 5000),
  stream_idle_timeout_in_seconds: seconds("Longest silence within a stream.", 120, { exclusiveMinimum: 0 }),
  keep_alive_timeout: seconds("Seconds for which an idle connection is kept.", 30),
  max_conns_per_host: count("Connections to the provider at once.", 5000, { minimum: 1 }),
  enforce_http2: flag("Only HTTP/2 is spoken.", false, HTTP2),
  http2_ping_interval: count("Seconds between pings of an HTTP/2 connection.", 0, HTTP2),
  insecure_skip_verify: flag("Takes any certificate. Only for tests."),
  ca_cert_pem: text("More certificate authorities, PEM.", { examples: ["env.CA_PEM"] }),
  beta_header_overrides: mapOf("Prefix of an anthropic-beta value to whether it goes on.", Type.Boolean(), {
    examples: [{ "context-1m-": false }],
  }),
  allow_private_network: flag("Private addresses may be reached."),
});

export const proxySchema = block("Proxy to the provider; absent = the environment's.", {
  type: choice("Kind of proxy.", ["none", "http", "socks5", "environment"], { default: "environment" }),
  url: text("Address of the proxy.", { secret: true, examples: ["http://proxy.example.com:3128"] }),
  username: text("User name at the proxy.", { examples: ["gateway"] }),
  password: secret("Password at the proxy.", { examples: ["env.PROXY_PASSWORD"] }),
  ca_cert_pem: text("Certificate authorities of the proxy, PEM.", { examples: ["env.PROXY_CA_PEM"] }),
});

const customSchema = block("Makes this name a provider of its own over a provider type.", {
  base_provider_type: text("The provider type whose wire is spoken.", { examples: ["openai"] }),
  is_key_less: flag("Answers without any key."),
  allowed_requests: mapOf(
    "Request type to whether it may be asked; absent = all, and in a given map a name that is absent is not allowed.",
    Type.Boolean(),
    { examples: [{ chat_completion: true, chat_completion_stream: true }] },
  ),
  request_path_overrides: mapOf("Request type to the path that replaces the usual one.", Type.String(), {
    examples: [{ chat_completion: "/api/chat" }],
  }),
});

const LIMITS = { later: "concurrency limits by provider" };

const providerMembers = {
  keys: list("The keys.", keySchema),
  api_keys: list(
    "The keys, as the array form spells them.",
    Type.Union([Type.String({ secret: true }), keySchema], { expected: 'a key such as {"key": "…", "weight": 1}' }),
  ),
  network_config: networkSchema,
  concurrency_and_buffer_size: block("Requests at once and in the queue.", {
    concurrency: count("Requests at once; not more than buffer_size.", 1000, { ...LIMITS, minimum: 1 }),
    buffer_size: count("Requests that may wait.", 5000, { ...LIMITS, minimum: 1 }),
  }),
  proxy_config: proxySchema,
  custom_provider_config: customSchema,
  openai_config: block("OpenAI alone.", {
    disable_store: flag("Answers are not stored at OpenAI.", false, { later: "openai_config.disable_store" }),
  }),
  send_back_raw_request: flag("Answers hold the body that was sent to the provider.", false, {
    later: "send_back_raw_request",
  }),
  send_back_raw_response: flag("Answers hold the provider's own body.", false, { later: "send_back_raw_response" }),
  store_raw_request_response: flag("Records hold both.", false, { later: "store_raw_request_response" }),
  description: text("For people.", { examples: ["our account in the EU"] }),
  name: text("Name, in the array form.", { examples: ["openai"] }),
  provider: text("Name, in the array form.", { examples: ["openai"] }),
  // written by the API's answers, without meaning in a file
  config_hash: written("Written by the program."),
  provider_status: written("Written by the program."),
  status: written("Written by the program."),
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

export type ProviderConfig = Static<typeof providerSchema>;
export type NetworkConfig = Static<typeof networkSchema>;
export type ProxyConfig = Static<typeof proxySchema>;
