// The schema of the whole config.json: checked, described and documented from this one object.
import { type Static, Type } from "typebox";
import { authSchema, clientSchema, frameworkSchema, serverSchema } from "./client.ts";
import { governanceSchema } from "./governance.ts";
import {
  circuitBreakerSchema,
  clusterSchema,
  featureFlagsSchema,
  foreignBlocks,
  guardrailsSchema,
  loadBalancerSchema,
  pluginSchema,
  semanticCachingSchema,
  webhooksSchema,
  websocketSchema,
} from "./installation.ts";
import { block, choice, list, secret, text, written } from "./kinds.ts";
import { mcpSchema } from "./mcp.ts";
import { providersSchema } from "./providers.ts";
import { configStoreSchema, logsStoreSchema, vectorStoreSchema } from "./stores.ts";

export type { PluginConfig } from "./installation.ts";

export const configSchema = block("Configuration of the gateway.", {
  $schema: written("For editors; any value, never fetched."),
  version: Type.Enum([1, 2], {
    description: "Meaning of empty lists: 1 = everything, 2 = nothing.",
    default: 2,
    expected: "1 or 2",
  }),
  source_of_truth: choice(
    "split: what the API changed stays until the file's own entry changes. config.json: the file always wins, and what it lacks is deleted.",
    ["split", "config.json"],
    { default: "split" },
  ),
  encryption_key: secret("Encrypts secrets at rest; absent = one is generated beside the store.", {
    examples: ["env.DRAWBRIDGE_ENCRYPTION_KEY"],
  }),
  env_label: text("Name of this environment, for people.", { examples: ["staging"] }),
  setup_token: secret("Lets its holder set the first login.", { examples: ["env.SETUP_TOKEN"] }),
  server: serverSchema,
  auth_config: authSchema,
  client: clientSchema,
  framework: frameworkSchema,
  providers: providersSchema,
  governance: governanceSchema,
  semantic_caching: semanticCachingSchema,
  config_store: configStoreSchema,
  logs_store: logsStoreSchema,
  vector_store: vectorStoreSchema,
  plugins: list("Plugins.", pluginSchema),
  mcp: mcpSchema,
  feature_flags: featureFlagsSchema,
  websocket: websocketSchema,
  webhooks: webhooksSchema,
  cluster_config: clusterSchema,
  load_balancer_config: loadBalancerSchema,
  circuit_breaker_config: circuitBreakerSchema,
  guardrails_config: guardrailsSchema,
  ...foreignBlocks,
});

export type Config = Static<typeof configSchema>;
