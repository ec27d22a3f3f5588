// Where the price sheet is and how often it is read, as the configuration says now: for the feed of the control plane.
import type { JsonObject, JsonValue } from "../../core/config-store.ts";
import type { ProxySettings } from "../../core/http.ts";
import type { Ledger } from "./ledger.ts";
import { textOf } from "./login.ts";
import { withTexts } from "./pointers.ts";
import { isReference } from "./secrets.ts";

export interface PriceSheetSettings {
  /** An address or a path, references resolved; null = none, or a variable that is not set. */
  readonly url: string | null;
  /** ms */
  readonly interval: number;
  /** The operator's own word, by file or environment: any host, and files. What came by the API is checked like a base URL. */
  readonly isOperators: boolean;
  readonly proxy: ProxySettings;
}

const DAY_SECONDS = 86_400;

export function priceSheetSettings(ledger: Ledger): PriceSheetSettings {
  const entry = ledger.blocks.get("framework");
  const body = entry === undefined ? {} : withTexts(entry.body, entry.secrets);
  const { pricing_url: written, pricing_sync_interval: seconds } = pricingOf(body);
  const url = textOf(written, ledger.options.environment);
  const isOperators =
    entry?.source === "file" ||
    (typeof written === "string" && (isReference(written) || written === ledger.file.priceSheet));
  return {
    url: url === "" ? null : url,
    interval: (typeof seconds === "number" ? seconds : DAY_SECONDS) * 1000,
    isOperators,
    proxy: ledger.apiProxy,
  };
}

/** The block `framework.pricing`, empty where there is none. */
export function pricingOf(framework: JsonValue | undefined): JsonObject {
  const pricing = isObject(framework) ? framework["pricing"] : undefined;
  return isObject(pricing) ? pricing : {};
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
