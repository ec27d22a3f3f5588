// Where alerts about budgets go, with the secret in clear: for the sender of webhooks alone.
import type { JsonObject } from "../../core/config-store.ts";
import type { ProxySettings } from "../../core/http.ts";
import type { Ledger } from "./ledger.ts";
import { textOf } from "./login.ts";
import { isObject, withTexts } from "./pointers.ts";

export interface AlertSettings {
  /** An absolute http or https address. */
  readonly url: string;
  /** Empty: what is sent is not signed. */
  readonly secret: string;
  readonly proxy: ProxySettings;
  /** The address is the operator's word, not a caller's of the API. */
  readonly allowPrivateNetwork: boolean;
}

/** null = nobody is to be told. */
export function configuredAlerts(ledger: Ledger): AlertSettings | null {
  const entry = ledger.blocks.get("governance");
  if (entry === undefined) return null;
  const alerts = withTexts(entry.body, entry.secrets)["alerts"];
  const settings: JsonObject = isObject(alerts) ? alerts : {};
  const { environment } = ledger.options;
  const url = textOf(settings["webhook_url"], environment);
  if (url === "") return null;
  return {
    url,
    secret: textOf(settings["webhook_secret"], environment),
    proxy: ledger.apiProxy,
    allowPrivateNetwork: ledger.sourceOf(entry).type === "file",
  };
}
