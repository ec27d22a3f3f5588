// What a configuration says besides its entities: stores, encryption, plugins, and what a person should be told at start.
import { nearestName } from "../lib/nearest.ts";
import { type Environment, type Reading, resolveOrRefuse } from "./reading.ts";
import type { Config, PluginConfig } from "./schema/config.ts";
import type { ConfigStoreConfig, LogsStoreConfig } from "./schema/stores.ts";
import { quoted } from "./texts.ts";

export interface StoreFacts {
  readonly enabled: boolean;
  /** As written, relative to the app dir or absolute; null = the usual file in the app dir. */
  readonly path: string | null;
}

export interface ConfigurationFacts {
  /** The file that was read; null = none: providers come from the environment. */
  readonly path: string | null;
  /** Meaning of empty lists in the file. */
  readonly version: 1 | 2;
  readonly sourceOfTruth: "split" | "config.json";
  /** In clear; null = generated beside the store. */
  readonly encryptionKey: string | null;
  readonly envLabel: string | null;
  readonly configStore: StoreFacts;
  readonly logsStore: StoreFacts;
  readonly logRetentionDays: number;
  /** Sentences for the start text. */
  readonly hints: readonly string[];
}

const PLUGINS = ["telemetry", "logging", "governance", "prompts", "maxim", "semantic_cache", "otel", "compat"];
/** What these do is part of the gateway itself. */
const BUILT_IN_PLUGINS = new Set(["telemetry", "logging", "governance"]);

/** The facts when there is no file. */
export function standardFacts(environment: Environment, hints: readonly string[]): ConfigurationFacts {
  return {
    path: null,
    version: 2,
    sourceOfTruth: "split",
    encryptionKey: keyOfEnvironment(environment),
    envLabel: environment.BIFROST_ENV_LABEL ?? null,
    configStore: { enabled: true, path: null },
    logsStore: { enabled: true, path: null },
    logRetentionDays: 365,
    hints,
  };
}

export function readFacts(
  reading: Reading,
  config: Config,
  path: string,
  hints: readonly string[],
): ConfigurationFacts {
  warnPlugins(reading, config.plugins ?? []);
  checkLogin(reading, config);
  const written = resolveOrRefuse(reading, config, "encryption_key", config.encryption_key, "encryption_key");
  const retention =
    config.logs_store !== undefined && reading.document.has(config.logs_store, "retention_days")
      ? config.logs_store.retention_days
      : config.client?.log_retention_days;
  return {
    path,
    version: config.version ?? 2,
    sourceOfTruth: config.source_of_truth ?? "split",
    encryptionKey: keyOfEnvironment(reading.environment) ?? written ?? null,
    envLabel:
      reading.environment.BIFROST_ENV_LABEL ??
      resolveOrRefuse(reading, config, "env_label", config.env_label, "env_label") ??
      null,
    configStore: readStore(reading, config.config_store, "config_store"),
    logsStore: readStore(reading, config.logs_store, "logs_store"),
    logRetentionDays: retention ?? 365,
    hints,
  };
}

/** A login that nobody can pass would shut everybody out, and one that is not understood would let everybody in. */
function checkLogin(reading: Reading, config: Config): void {
  const { document } = reading;
  const inner = config.governance?.auth_config;
  if (config.auth_config !== undefined && inner !== undefined)
    document.warn(
      document.nameAt(config.governance!, "auth_config"),
      "duplicate",
      "governance.auth_config is ignored: auth_config is given too",
      { remedy: "Keep one of them." },
    );
  const auth = config.auth_config ?? inner;
  const path = config.auth_config === undefined ? "governance.auth_config" : "auth_config";
  if (auth?.admin_password !== undefined && !document.has(auth, "is_enabled"))
    document.warn(
      document.at(auth, "admin_password"),
      "missing",
      `${path} has a password, but is_enabled is missing: no login is needed`,
      { remedy: 'Add "is_enabled": true, or false to say that this is meant.' },
    );
  if (auth?.is_enabled !== true) return;
  for (const member of ["admin_username", "admin_password"] as const) {
    const wasRefused = document.isRefused;
    const text = resolveOrRefuse(reading, auth, member, auth[member], `${path}.${member}`);
    if (text !== undefined || document.isRefused !== wasRefused) continue;
    document.refuse(
      document.at(auth, "is_enabled"),
      "missing",
      `${path}.is_enabled is true, but ${member} is missing`,
      {
        expected: `"${member}", such as "env.NAME", or "is_enabled": false`,
      },
    );
  }
}

function keyOfEnvironment(environment: Environment): string | null {
  return environment.DRAWBRIDGE_ENCRYPTION_KEY || environment.BIFROST_ENCRYPTION_KEY || null;
}

function readStore(
  reading: Reading,
  config: ConfigStoreConfig | LogsStoreConfig | undefined,
  path: string,
): StoreFacts {
  if (config === undefined) return { enabled: true, path: null };
  const enabled = config.enabled !== false;
  if (enabled && config.type !== undefined && config.type !== "sqlite") {
    reading.document.warn(
      reading.document.at(config, "type"),
      "not-supported-yet",
      `${path}: ${config.type} is not supported yet; SQLite in the app dir is used`,
    );
    return { enabled, path: null };
  }
  const file =
    config.config === undefined
      ? undefined
      : resolveOrRefuse(reading, config.config, "path", config.config.path, `${path}.config.path`);
  return { enabled, path: file ?? null };
}

function warnPlugins(reading: Reading, plugins: readonly PluginConfig[]): void {
  for (const [index, plugin] of plugins.entries()) {
    if (plugin === undefined || plugin.enabled === false || BUILT_IN_PLUGINS.has(plugin.name ?? "")) continue;
    const span = reading.document.at(plugin, "name");
    if (plugin.name === undefined)
      reading.document.warn(span, "missing", `plugins[${index}] has no name; it is ignored`);
    else if (PLUGINS.includes(plugin.name))
      reading.document.warn(
        span,
        "not-supported-yet",
        `plugin ${quoted(plugin.name)} is not supported yet and is ignored`,
      );
    else {
      reading.document.warn(
        span,
        "not-supported-yet",
        `plugin ${quoted(plugin.name)} is not built in, and plugins of one's own are not supported; it is ignored`,
        {
          nearest: nearestName(plugin.name, PLUGINS),
        },
      );
    }
  }
}
