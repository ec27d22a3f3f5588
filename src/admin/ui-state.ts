// GET /api/ui/state: what the shell of the management pages needs at once.
import { jsonAnswer } from "./answers.ts";
import { hasDemo } from "./demo.ts";
import type { AdminHouse } from "./house.ts";
import type { Route } from "./router.ts";

const YEAR = 366 * 86_400_000;

export function uiStateRoute(house: AdminHouse): Route {
  return {
    method: "GET",
    path: "/api/ui/state",
    demands: "read",
    handle: async () => jsonAnswer(await showState(house)),
  };
}

async function showState(house: AdminHouse): Promise<object> {
  const { version, configPath, envLabel, startedAt } = house.facts();
  const known = house.configuration();
  const stores = house.stores();
  const now = house.now();
  const providers = house.book.providers();
  return {
    version,
    runtime: `Node.js ${process.versions.node} on ${process.platform} ${process.arch}`,
    licence: "Apache-2.0",
    mode: house.login.mode,
    has_login: house.login.mode === "login",
    demo: { enabled: hasDemo(house), mode: house.demo.mode },
    has_logs: hasLogs(house, now),
    logging: stores.log !== null,
    config_path: configPath,
    config_locked: stores.config === null,
    env_label: envLabel,
    virtual_keys: await known.virtualKeyCount(),
    providers: providers.length,
    /** Those that somebody set up: without the demo that is there by itself. */
    configured_providers: providers.filter(({ source }) => source.type !== "built-in").length,
    warnings: known.warnings.length,
    warning_texts: known.warnings.slice(0, 50),
    started_at: new Date(startedAt).toISOString(),
    server_time: new Date(now).toISOString(),
  };
}

/** Whether a request was ever recorded; where no log can be read there is none to show. */
function hasLogs(house: AdminHouse, now: number): boolean {
  try {
    const hours = house.costLog()?.hours({ from: now - YEAR, to: now + 3_600_000 } as never) ?? [];
    return hours.length > 0;
  } catch {
    return false;
  }
}
