// The schema of what concerns a whole installation: cache, plugins, clusters, guardrails and the like. Most of it without effect yet.
import { type Static, Type } from "typebox";
import {
  amount,
  anything,
  block,
  choice,
  count,
  flag,
  list,
  mapOf,
  names,
  secondsOrDuration,
  text,
  whole,
} from "./kinds.ts";

export const pluginSchema = block("One plugin.", {
  name: text("Name of the plugin.", { examples: ["telemetry"] }),
  enabled: flag("Off: not loaded.", true),
  config: anything("The plugin's own configuration.", { examples: [{}] }),
  path: text("Shared object or address of a custom plugin.", { examples: ["./plugin.so"] }),
  version: Type.Union([Type.Integer(), Type.String()], { description: "Version of the entry.", examples: [1] }),
  placement: choice("Where it runs.", ["pre_builtin", "builtin", "post_builtin"], { default: "post_builtin" }),
  order: Type.Integer({ description: "Order within the placement.", default: 0 }),
});

export const semanticCachingSchema: Type.TSchema = block(
  "Answers are used again for the same and for similar questions.",
  {
    enabled: flag("Whether they are."),
    threshold: amount("Similarity from which on an answer is used again.", 0.85, { maximum: 1 }),
    ttl: secondsOrDuration("Time for which an answer may be used again.", "5m"),
    conversation_history_threshold: count("Longer conversations are not looked up.", 3),
    provider: text("Provider of the embedding model.", { examples: ["openai"] }),
    embedding_model: text("Embedding model.", { examples: ["text-embedding-3-small"] }),
    dimension: whole("Dimension of the embeddings.", { examples: [1536] }),
    cache_by_model: flag("Answers of another model are not used.", true),
    cache_by_provider: flag("Answers of another provider are not used.", true),
    exclude_system_prompt: flag("The system prompt does not count."),
  },
  { later: "semantic caching", open: true },
);

export const featureFlagsSchema: Type.TSchema = mapOf("Name of a feature to whether it is on.", Type.Unknown(), {
  later: "feature flags",
  examples: [{ new_page: true }],
});

export const websocketSchema: Type.TSchema = block(
  "WebSocket connections of inference.",
  {
    max_connections_per_user: count("Connections of one user at once.", 100),
    transcript_buffer_size: count("Events of one connection that are kept.", 100),
    pool: anything("Connections that are kept ready.", { examples: [{}] }),
  },
  { later: "websocket limits", open: true },
);

export const webhooksSchema: Type.TSchema = Type.Unknown({
  description: "Where events are sent.",
  later: "webhooks",
  examples: [[{ name: "jobs", url: "https://app.example.com/hook", events: ["async_job.completed"] }]],
});

export const clusterSchema: Type.TSchema = block(
  "Nodes of one installation.",
  {
    enabled: flag("Whether there are several."),
    type: choice("How they talk.", ["gossip", "broker"], { default: "gossip" }),
    region: text("Region of this node.", { examples: ["eu-central"] }),
    discovery: block(
      "How they find one another.",
      {
        enabled: flag("Whether they do.", true),
        type: choice("By what.", ["kubernetes", "dns", "udp", "consul", "etcd", "mdns"]),
      },
      { open: true },
    ),
    gossip: block(
      "Gossip.",
      { port: count("Port.", 10_101, { maximum: 65_535 }), config: anything("Times.", { examples: [{}] }) },
      { open: true },
    ),
    peers: names("Addresses of the others.", { examples: [["10.0.0.2:10101"]] }),
  },
  { later: "clusters", open: true },
);

export const loadBalancerSchema: Type.TSchema = block(
  "Weights that follow health and latency.",
  {
    enabled: flag("Whether they do."),
    direction_selection_enabled: flag("For provider and model.", true),
    route_selection_enabled: flag("For keys.", true),
    append_fallbacks_to_pinned: flag("A request with a provider gets fallbacks."),
    reroute_failed_directions: flag("Failed providers are left out."),
    prune_failed_fallbacks: flag("Failed fallbacks are left out."),
  },
  { later: "adaptive load balancing", open: true },
);

const circuitPolicy = block(
  "A policy.",
  {
    name: text("Name.", { examples: ["overload"] }),
    enabled: flag("Whether it holds.", true),
    primary_provider: text("Provider that it watches.", { examples: ["openai"] }),
    primary_model: text("Model that it watches.", { examples: ["gpt-4o"] }),
    primary_key_ids: names("Keys that it watches.", { examples: [["main"]] }),
    fallback_provider: text("Provider that takes over.", { examples: ["azure"] }),
    fallback_model: text("Model that takes over.", { examples: ["gpt-4o"] }),
    condition: anything("Headers of the answer that open it.", { examples: [{}] }),
    default_cooldown: secondsOrDuration("Time for which it stays open.", "30s"),
    cooldown_header: text("Header that tells the time, ms.", { examples: ["retry-after-ms"] }),
  },
  { open: true },
);

export const circuitBreakerSchema: Type.TSchema = block(
  "Providers that are left alone for a time.",
  { enabled: flag("Whether they are."), policies: list("Policies.", circuitPolicy) },
  { later: "circuit breaker policies", open: true },
);

const guardrailRule = block(
  "A rule.",
  {
    id: Type.Union([Type.Integer(), Type.String()], { description: "Identity.", examples: [1] }),
    name: text("Name.", { examples: ["no secrets"] }),
    description: text("For people.", { examples: ["for every team"] }),
    enabled: flag("Whether it holds.", true),
    cel_expression: text("When it holds.", { examples: ["true"] }),
    apply_to: choice("What is looked at.", ["input", "output", "both"], { default: "both" }),
    sampling_rate: amount("Percentage of the requests that are looked at.", 100, { maximum: 100 }),
    timeout: whole("Longest time, seconds.", { examples: [5] }),
    provider_config_ids: list("Profiles that look.", Type.Union([Type.Integer(), Type.String()]), { examples: [[1]] }),
  },
  { open: true },
);

const guardrailProvider = block(
  "A profile.",
  {
    id: Type.Union([Type.Integer(), Type.String()], { description: "Identity.", examples: [1] }),
    provider_name: text("Kind of guardrail.", { examples: ["regex"] }),
    policy_name: text("Name.", { examples: ["card numbers"] }),
    enabled: flag("Whether it is used.", true),
    config: anything("Its own configuration.", { examples: [{}] }),
  },
  { open: true },
);

export const guardrailsSchema: Type.TSchema = block(
  "Checks of what goes in and comes out.",
  {
    guardrail_rules: list("Rules.", guardrailRule),
    guardrail_providers: list("Profiles.", guardrailProvider),
  },
  { later: "guardrails" },
);

/** Blocks that are known by name; what stands in them is not described anywhere that could be checked. */
const foreign = (description: string, later: string): Type.TSchema =>
  block(description, { enabled: flag("Whether it is used.") }, { later, open: true });

export const foreignBlocks = {
  audit_logs: foreign("Signed log of changes.", "audit logs"),
  scim_config: foreign("Users from an identity provider.", "SCIM"),
  access_profiles: Type.Unknown({
    description: "Templates of what users may use.",
    later: "access profiles",
    examples: [[]],
  }),
  alerting: foreign("Rules and channels of alerts.", "alerting"),
  large_payload_optimization: foreign("How large bodies are passed on.", "large payload optimization"),
};

export type PluginConfig = Static<typeof pluginSchema>;
