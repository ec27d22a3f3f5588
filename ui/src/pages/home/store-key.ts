// Stores a key that the reader confirmed.
import { send } from "../../api/client.ts";
import { toApiError } from "../../api/errors.ts";
import { refresh } from "../../api/resource.ts";

/** As a new provider, or as one more key of a provider that is there. */
export async function storeKey(provider: string, value: string): Promise<void> {
  const key = { name: `${provider} key`, value, models: ["*"], weight: 1 };
  try {
    await send("POST", "/api/providers", { provider, keys: [key] });
  } catch (error) {
    if (toApiError(error).status !== 409) throw error;
    await send("POST", `/api/providers/${encodeURIComponent(provider)}/keys`, key);
  }
  void refresh("/api/providers");
}
