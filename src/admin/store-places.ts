// Where the stores lie, and what switches the request log off: read from the configuration, relative to the app dir.
import { join, resolve } from "node:path";
import type { ConfigurationFacts } from "../config/facts.ts";
import type { LogStorePlace } from "../core/plane-messages.ts";
import type { StoreFacts } from "./house.ts";

/** The member that switches the request log off. */
export function logOffBy(loggingEnabled: boolean, facts: ConfigurationFacts): StoreFacts["logOffBy"] {
  if (!loggingEnabled) return "client.enable_logging";
  return facts.logsStore.enabled ? null : "logs_store.enabled";
}

/** Relative to the app dir. */
export function logStorePlace(off: StoreFacts["logOffBy"], facts: ConfigurationFacts, appDir: string): LogStorePlace {
  if (off !== null) return { path: null, reason: `requests are not logged: ${off} is false` };
  const { path } = facts.logsStore;
  return { path: path === null ? join(appDir, "logs.db") : resolve(appDir, path), reason: "" };
}

/** With the file as the only state: where the store would lie, beside which the counters are kept all the same. */
export function configStorePath({ configStore }: ConfigurationFacts, appDir: string): string {
  return configStore.path === null ? join(appDir, "config.db") : resolve(appDir, configStore.path);
}
