// The schema of the whole config.json: validated, defaulted and described from this one object.
import { type Static, Type } from "typebox";
import { clientSchema, serverSchema } from "./client.ts";
import { governanceSchema } from "./governance.ts";
import { anything, block, choice, flag, later, list, secret, text } from "./kinds.ts";
import { providersSchema } from "./providers.ts";
import { configStoreSchema, logsStoreSchema } from "./stores.ts";

const plugin = block("One plugin.", {
  name: text("Name of the plugin."),
  enabled: flag("Off: not loaded.", true),
  config: anything("The plugin's own configuration."),
  path: text("Shared object or address of a custom plugin."),
  version: anything("Version of the entry."),
  placement: choice("Where it runs.", ["pre_builtin", "builtin", "post_builtin"]),
  order: anything("Order within the placement."),
});

export const configSchema = block("Configuration of the gateway.", {
  $schema: anything("For editors; never fetched."),
  version: Type.Enum([1, 2], {
    description: "Meaning of empty lists: 1 = everything, 2 = nothing.",
    default: 2,
    expected: "1 or 2",
  }),
  source_of_truth: choice("Whether the file rules alone.", ["split", "config.json"], { default: "split" }),
  encryption_key: secret("Encrypts secrets at rest."),
  env_label: text("Name of this environment, for people."),
  server: serverSchema,
  client: clientSchema,
  providers: providersSchema,
  governance: governanceSchema,
  config_store: configStoreSchema,
  logs_store: logsStoreSchema,
  plugins: list("Plugins.", plugin),
  setup_token: later("setup_token"),
  auth_config: later("a login for the management API (auth_config)"),
  framework: later("the price sheet (framework.pricing)"),
  semantic_caching: later("semantic caching"),
  mcp: later("MCP"),
  vector_store: later("vector stores"),
  feature_flags: later("feature flags"),
  websocket: later("websocket limits"),
  webhooks: later("webhooks"),
  cluster_config: later("clusters"),
  load_balancer_config: later("adaptive load balancing"),
  circuit_breaker_config: later("circuit breaker policies"),
  guardrails_config: later("guardrails"),
  audit_logs: later("audit logs"),
  scim_config: later("SCIM"),
  access_profiles: later("access profiles"),
  alerting: later("alerting"),
  large_payload_optimization: later("large payload optimization"),
});

export type Config = Static<typeof configSchema>;
export type PluginConfig = Static<typeof plugin>;
