// The live stream in the words of Bifrost's WebSocket: finished requests as rows of the log, and what lists are to be read anew.
import type { LiveEvent } from "../core/live.ts";

/** What clients of Bifrost call the lists that a kind of entity stands in. */
const TAGS: Readonly<Record<string, readonly string[]>> = {
  provider: ["Providers", "Models", "DBKeys"],
  "virtual-key": ["VirtualKeys"],
  team: ["Teams"],
  customer: ["Customers"],
  "model-limit": ["ModelConfigs"],
  "provider-limit": ["ProviderGovernance"],
  "routing-rule": ["RoutingRules"],
  settings: ["Config"],
};

/** One message, a line; null = nothing of it is told. */
export function socketText(event: LiveEvent): string | null {
  switch (event.type) {
    case "request.finished": {
      const { timestamp } = event.request;
      return line({ type: "log", data: { ...event.request, created_at: timestamp, parent_request_id: null } });
    }
    case "requests.summary":
    case "gap":
      return line({ type: "store_update", tags: ["Logs"] });
    case "budget.changed":
      return line({ type: "store_update", tags: ["Budgets"] });
    case "config.changed": {
      const tags = new Set(event.kinds.flatMap((kind) => TAGS[kind] ?? ["Config"]));
      return line({ type: "store_update", tags: [...tags] });
    }
    default:
      return null;
  }
}

function line(message: object): string {
  return `${JSON.stringify(message)}\n`;
}
