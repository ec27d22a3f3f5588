// Where alerts of budgets go, as the configuration says it.
import type { Ledger } from "../config/book/ledger.ts";
import type { WebhookTarget } from "./webhook-post.ts";

/** An address of the file is the operator's own word. */
export function alertTarget(ledger: Ledger): WebhookTarget | null {
  const alerts = ledger.alerts();
  const entry = ledger.blocks.get("governance");
  if (alerts === null || entry === undefined) return null;
  const allowPrivateNetwork = ledger.sourceOf(entry).type === "file";
  return { url: alerts.webhookUrl, secret: alerts.webhookSecret, proxy: ledger.apiProxy, allowPrivateNetwork };
}
