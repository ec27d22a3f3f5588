// What each route of the gateway is for, in a line, with what goes in and an example of what comes out.

export interface OperationText {
  readonly tag: string;
  readonly summary: string;
  /** Query parameters: name → what it means. */
  readonly query?: Readonly<Record<string, string>>;
  /** Name of a component schema, or a schema. */
  readonly body?: string | object;
  readonly example?: unknown;
  readonly answer?: unknown;
  /** Of the answer, where it is not JSON. */
  readonly type?: string;
}

const LIST = {
  limit: "Entries of a page: 25, at most 100.",
  offset: "Entries to pass over.",
  search: "Part of the name, any case.",
  sort_by: "`name`, `created_at` or `updated_at`.",
  order: "`asc` or `desc`.",
};
const RANGE = {
  period: "`1h`, `6h`, `24h`, `7d` or `30d`: the time up to now.",
  start_time: "RFC 3339, inclusive.",
  end_time: "RFC 3339, inclusive.",
};
const FILTERS = {
  ...RANGE,
  providers: "Comma list of providers.",
  models: "Comma list of models as they were served.",
  status: "Comma list: `success`, `error`, `cancelled`.",
  virtual_key_ids: "Comma list of ids of virtual keys.",
  team_ids: "Comma list.",
  customer_ids: "Comma list.",
  user_ids: "Comma list.",
  apps: "Comma list.",
  min_latency: "ms, inclusive.",
  max_latency: "ms, inclusive.",
  min_cost: "USD, inclusive.",
  max_cost: "USD, inclusive.",
  missing_cost_only: "`true`: only what has no price.",
  content_search: "Literal text in input or output, any case.",
};
const OVERRIDE = { amount: 50, mode: "cycles", cycles: 1 };
const CHAT = { model: "openai/gpt-4o-mini", messages: [{ role: "user", content: "Hello!" }] };
const MESSAGES = {
  model: "anthropic/claude-sonnet-4-5",
  max_tokens: 256,
  messages: [{ role: "user", content: "Hello!" }],
};

/** The same four routes of customers, teams and the like. */
function resource(path: string, one: string, schema: string, answer: string): Record<string, OperationText> {
  const tag = "Governance";
  return {
    [`GET ${path}`]: { tag, summary: `Lists ${one}s.`, query: LIST },
    [`POST ${path}`]: { tag, summary: `Creates a ${one}.`, body: schema, answer: { message: "…", [answer]: {} } },
    [`GET ${path}/{id}`]: { tag, summary: `Shows a ${one}.` },
    [`PUT ${path}/{id}`]: { tag, summary: `Changes a ${one}; what is left out stays.`, body: schema },
    [`DELETE ${path}/{id}`]: { tag, summary: `Deletes a ${one}.` },
  };
}

function overrides(path: string): Record<string, OperationText> {
  return {
    [`PUT ${path}/{id}/budgets/{budget}/override`]: {
      tag: "Governance",
      summary: "Raises or lowers a budget for some windows or for ever.",
      example: OVERRIDE,
    },
    [`DELETE ${path}/{id}/budgets/{budget}/override`]: { tag: "Governance", summary: "Ends the override of a budget." },
  };
}

const chart = (what: string): OperationText => ({
  tag: "Logs",
  summary: `${what} over time, in buckets.`,
  query: FILTERS,
});
const charts = (name: string, what: string): Record<string, OperationText> => ({
  ...(name === "requests" ? {} : { [`GET /api/logs/histogram/${name}`]: chart(what) }),
  [`GET /api/logs/histogram/${name}/by-provider`]: chart(`${what} of each provider`),
  [`GET /api/logs/histogram/${name}/by-dimension`]: {
    ...chart(`${what} of each value of a dimension`),
    query: { ...FILTERS, dimension: "`virtual_key`, `team`, `customer`, `user`, `app`, `model`, `provider` …" },
  },
});

const models = (path: string): Record<string, OperationText> => ({
  [`GET ${path}`]: { tag: "Inference", summary: "Lists the models that the caller may use, in OpenAI's form." },
});

/** By method and path, as the routes spell them. */
export const OPERATIONS: Readonly<Record<string, OperationText>> = {
  "POST /v1/chat/completions": {
    tag: "Inference",
    summary: "Chat, streamed or not, with any model of any provider.",
    body: "ChatRequest",
    example: CHAT,
    answer: {
      id: "chatcmpl-1",
      object: "chat.completion",
      model: "gpt-4o-mini",
      choices: [{ index: 0, message: { role: "assistant", content: "Hello." }, finish_reason: "stop" }],
      usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
      extra_fields: { provider: "openai", latency: 412, request_type: "chat_completion" },
    },
  },
  "POST /v1/completions": {
    tag: "Inference",
    summary: "Text completion; told as a chat to providers that have nothing else, where that is allowed.",
    example: { model: "openai/gpt-3.5-turbo-instruct", prompt: "Once" },
  },
  "POST /v1/embeddings": {
    tag: "Inference",
    summary: "Embeddings.",
    example: { model: "openai/text-embedding-3-small", input: "Hello" },
  },
  "POST /anthropic/v1/messages": {
    tag: "Inference",
    summary: "Anthropic's messages, streamed or not, with any model of any provider.",
    example: MESSAGES,
  },
  "POST /api/playground/chat/completions": {
    tag: "Inference",
    summary: "A chat by the operator, as the virtual key whose id stands in `x-bf-playground-vk`.",
    body: "ChatRequest",
    example: CHAT,
  },
  ...models("/v1/models"),
  ...models("/openai/models"),
  ...models("/openai/v1/models"),
  ...models("/openai/openai/models"),
  ...models("/openai/openai/v1/models"),
  "GET /health": {
    tag: "System",
    summary: "Whether the gateway and its stores work.",
    answer: { status: "ok", components: { db_pings: "ok" } },
  },
  "GET /metrics": { tag: "System", summary: "Metrics for Prometheus.", type: "text/plain; version=0.0.4" },
  "GET /api/version": { tag: "System", summary: "The version.", answer: "0.1.0" },
  "GET /api/ui/state": { tag: "System", summary: "What the web UI needs at once." },
  "GET /ws": {
    tag: "Logs",
    summary: "The WebSocket that Bifrost's UI listens to.",
    query: { ticket: "From POST /api/session/ws-ticket." },
  },
  "GET /api/events": {
    tag: "Logs",
    summary: "Requests, health, budgets and changes as they happen, as server-sent events.",
    query: {
      topics: "Comma list: `requests`, `health`, `budgets`, `config`.",
      since: "Id of the last event that was seen.",
    },
    type: "text/event-stream",
  },
  "POST /api/session/login": {
    tag: "Login",
    summary: "Logs in; the session comes as a cookie.",
    example: { username: "ada", password: "…" },
    answer: { message: "…" },
  },
  "POST /api/session/logout": { tag: "Login", summary: "Ends this session, or all of them." },
  "POST /api/session/logout-everywhere": { tag: "Login", summary: "Ends every session of the login." },
  "GET /api/session/is-auth-enabled": {
    tag: "Login",
    summary: "Whether a login is set, and whether this caller has it.",
    answer: { is_auth_enabled: true, has_valid_token: false, auth_type: "password" },
  },
  "POST /api/session/ws-ticket": {
    tag: "Login",
    summary: "A ticket that opens the WebSocket once.",
    answer: { ticket: "…" },
  },
  "POST /api/session/setup": { tag: "Login", summary: "Sets the first login, with the setup token." },
  "GET /api/config": { tag: "Configuration", summary: "The blocks of the configuration." },
  "PUT /api/config": {
    tag: "Configuration",
    summary: "Changes blocks of the configuration: all that are given, or none.",
  },
  "POST /api/config/metadata": { tag: "Configuration", summary: "Keeps free-form state of management pages." },
  "GET /api/config/raw": { tag: "Configuration", summary: "The configuration as one text, secrets masked." },
  "PUT /api/config/raw": {
    tag: "Configuration",
    summary: "Takes a whole configuration over.",
    example: { text: "{ … }", etag: "…" },
  },
  "POST /api/config/check": {
    tag: "Configuration",
    summary: "What is wrong with a configuration, and what it would change.",
    example: { text: "{ … }" },
  },
  "GET /api/settings": {
    tag: "Configuration",
    summary: "Every setting with its value, its default and where it comes from.",
  },
  "PATCH /api/settings": {
    tag: "Configuration",
    summary: "Changes settings by their paths: all or none.",
    example: { "client.log_retention_days": 30 },
  },
  "GET /api/proxy-config": { tag: "Configuration", summary: "The proxy of the whole gateway." },
  "PUT /api/proxy-config": { tag: "Configuration", summary: "Changes the proxy of the whole gateway.", body: "proxy" },
  "GET /api/feature-flags": { tag: "Configuration", summary: "Flags that are kept for Bifrost's UI; without effect." },
  "PUT /api/feature-flags": { tag: "Configuration", summary: "Keeps flags; without effect." },
  "GET /api/demo": {
    tag: "Configuration",
    summary: "How the demo provider behaves.",
    answer: { enabled: true, mode: "ok" },
  },
  "PUT /api/demo": {
    tag: "Configuration",
    summary: "Makes the demo provider slow, failing, throttled or breaking off.",
    example: { mode: "fail" },
  },
  "GET /api/audit": {
    tag: "System",
    summary: "Who changed what, the newest first.",
    query: { limit: "Rows of a page.", offset: "Rows to pass over." },
  },
  "GET /api/providers": { tag: "Providers", summary: "Lists the providers with their keys, masked." },
  "POST /api/providers": { tag: "Providers", summary: "Adds a provider.", body: "provider" },
  "GET /api/providers/catalog": {
    tag: "Providers",
    summary: "Every kind of provider: what it needs, and how its keys are recognised.",
  },
  "GET /api/providers/environment": { tag: "Providers", summary: "Usual variables that are set and not used." },
  "POST /api/providers/test": {
    tag: "Providers",
    summary: "Tries a key at its provider, and keeps nothing.",
    example: { provider: "openai", key: { value: "sk-…" } },
  },
  "GET /api/providers/{provider}": { tag: "Providers", summary: "Shows a provider." },
  "PUT /api/providers/{provider}": { tag: "Providers", summary: "Replaces a provider, or makes it.", body: "provider" },
  "DELETE /api/providers/{provider}": { tag: "Providers", summary: "Deletes a provider." },
  "POST /api/providers/{provider}/refresh-models": { tag: "Providers", summary: "Asks the provider for its models." },
  "GET /api/providers/{provider}/keys": { tag: "Providers", summary: "Lists a provider's keys." },
  "POST /api/providers/{provider}/keys": { tag: "Providers", summary: "Adds a key.", body: "key" },
  "GET /api/providers/{provider}/keys/{key_id}": { tag: "Providers", summary: "Shows a key, masked." },
  "PUT /api/providers/{provider}/keys/{key_id}": { tag: "Providers", summary: "Changes a key.", body: "key" },
  "DELETE /api/providers/{provider}/keys/{key_id}": { tag: "Providers", summary: "Deletes a key." },
  "POST /api/providers/{provider}/keys/{key_id}/refresh-models": {
    tag: "Providers",
    summary: "Asks for the models of one key.",
  },
  "POST /api/providers/{provider}/keys/{key_id}/test": { tag: "Providers", summary: "Tries a stored key." },
  "GET /api/keys": { tag: "Providers", summary: "All keys of all providers, masked." },
  "GET /api/models": {
    tag: "Providers",
    summary: "Models that can be asked for.",
    query: { query: "Part of the name.", provider: "One provider.", limit: "Entries; 0 = all." },
  },
  "GET /api/models/base": { tag: "Providers", summary: "Names of models, each once." },
  "GET /api/models/details": { tag: "Providers", summary: "Models with what is known of them." },
  "GET /api/models/parameters": { tag: "Providers", summary: "Parameters of a model; there is no sheet of them yet." },
  "PUT /api/models/catalog": { tag: "Providers", summary: "Answers 501: the catalogue is not written here." },
  "POST /api/pricing/force-sync": { tag: "Prices", summary: "Reads the price sheet now." },
  "GET /api/pricing/status": { tag: "Prices", summary: "Which prices are in force, and how fresh they are." },
  "GET /api/pricing/unpriced": { tag: "Prices", summary: "Models without a price." },
  ...resource("/api/governance/virtual-keys", "virtual key", "virtual_key", "virtual_key"),
  ...overrides("/api/governance/virtual-keys"),
  "POST /api/governance/virtual-keys/{id}/rotate": {
    tag: "Governance",
    summary: "Gives a virtual key a new secret, shown once.",
  },
  "POST /api/governance/virtual-keys/rotate": {
    tag: "Governance",
    summary: "Gives several virtual keys new secrets.",
    example: { ids: ["vk-1"] },
  },
  "GET /api/governance/virtual-keys/quota": {
    tag: "Governance",
    summary: "What is left of the caller's own limits; the virtual key itself is the credential.",
  },
  ...resource("/api/governance/customers", "customer", "customer", "customer"),
  ...overrides("/api/governance/customers"),
  ...resource("/api/governance/teams", "team", "team", "team"),
  ...overrides("/api/governance/teams"),
  ...resource("/api/governance/model-configs", "limit of a model", "model_config", "model_config"),
  ...overrides("/api/governance/model-configs"),
  "GET /api/governance/providers": { tag: "Governance", summary: "Lists limits of providers.", query: LIST },
  "GET /api/governance/providers/{id}": { tag: "Governance", summary: "Shows the limits of a provider." },
  "PUT /api/governance/providers/{id}": { tag: "Governance", summary: "Sets the limits of a provider." },
  "DELETE /api/governance/providers/{id}": { tag: "Governance", summary: "Takes the limits of a provider away." },
  ...overrides("/api/governance/providers"),
  ...resource("/api/governance/routing-rules", "routing rule", "routing_rule", "rule"),
  ...resource("/api/governance/pricing-overrides", "configured price", "pricing_override", "pricing_override"),
  "GET /api/governance/complexity-analyzer-config": {
    tag: "Governance",
    summary: "How the complexity of a request is told.",
  },
  "PUT /api/governance/complexity-analyzer-config": { tag: "Governance", summary: "Changes how complexity is told." },
  "POST /api/governance/complexity-analyzer-config/reset": {
    tag: "Governance",
    summary: "Takes complexity back to what is built in.",
  },
  "GET /api/governance/budgets": { tag: "Governance", summary: "Lists all budgets with their use." },
  "GET /api/governance/rate-limits": { tag: "Governance", summary: "Lists all rate limits with their use." },
  "POST /api/governance/budgets/{id}/credit": {
    tag: "Governance",
    summary: "Adds credit to a prepaid budget.",
    example: { amount: 10 },
  },
  "POST /api/governance/budgets/{id}/reset": { tag: "Governance", summary: "Sets the use of a budget back." },
  "POST /api/governance/budgets/{id}/release-uncertain": {
    tag: "Governance",
    summary: "Lets go of what a crash left uncertain.",
  },
  "GET /api/governance/budget-events": { tag: "Governance", summary: "Budgets that crossed 50, 80 or 100 %." },
  "GET /api/governance/forecast": {
    tag: "Governance",
    summary: "Expected use at reset, and when a budget is used up.",
  },
  "POST /api/routing/simulate": {
    tag: "Routing",
    summary: "Where a request would go, and why, without sending it.",
    example: { body: CHAT, assume: { down: ["openai"] }, draws: 10000 },
    answer: {
      decision: {
        order: [{ provider: "azure", model: "gpt-4o-mini", key: "k1", reason: "drawn" }],
        candidates: [],
        rules: [],
      },
      shares: { "azure/gpt-4o-mini": 1 },
    },
  },
  "GET /api/logs": {
    tag: "Logs",
    summary: "Requests, the newest first, with sums.",
    query: { ...FILTERS, limit: "Rows of a page.", after: "Cursor: `pagination.next` of the page before." },
  },
  "DELETE /api/logs": { tag: "Logs", summary: "Deletes rows.", example: { ids: ["…"] } },
  "GET /api/logs/{id}": {
    tag: "Logs",
    summary: "One request with all its attempts, its decision and what was kept of its content.",
  },
  "GET /api/logs/stats": { tag: "Logs", summary: "What requests sum up to.", query: FILTERS },
  "GET /api/logs/dashboard": { tag: "Logs", summary: "Everything of a dashboard in one answer.", query: FILTERS },
  "GET /api/logs/dropped": {
    tag: "Logs",
    summary: "Rows and contents that were given up under overload.",
    answer: { dropped_requests: 0 },
  },
  "GET /api/logs/export": {
    tag: "Logs",
    summary: "Rows as a stream of CSV or JSON lines.",
    query: { ...FILTERS, format: "`csv` or `jsonl`." },
    type: "text/csv",
  },
  "GET /api/logs/filterdata": {
    tag: "Logs",
    summary: "Values that can be filtered by.",
    query: { dimensions: "Comma list.", q: "Part of a value." },
  },
  "GET /api/logs/histogram": chart("Requests by outcome"),
  "GET /api/logs/histogram/models": chart("Requests of each model"),
  ...charts("tokens", "Tokens"),
  ...charts("cost", "Cost"),
  ...charts("latency", "Latency"),
  ...charts("throughput", "Tokens a second"),
  ...charts("requests", "Requests"),
  "GET /api/logs/rankings": { tag: "Logs", summary: "Models by use, with the trend.", query: FILTERS },
  "GET /api/logs/rankings/by-dimension": {
    tag: "Logs",
    summary: "Keys, users, teams … by use, with the trend.",
    query: { ...FILTERS, dimension: "What is ranked." },
  },
  "GET /api/logs/sessions/{sid}": { tag: "Logs", summary: "The requests of a session." },
  "GET /api/logs/sessions/{sid}/summary": { tag: "Logs", summary: "What a session sums up to." },
  "POST /api/logs/recalculate-cost": { tag: "Logs", summary: "Prices stored rows anew." },
  "GET /api/logs/recalculate-cost/status": { tag: "Logs", summary: "How far the recalculation is." },
  "POST /api/logs/recalculate-cost/cancel": { tag: "Logs", summary: "Stops the recalculation." },
};
