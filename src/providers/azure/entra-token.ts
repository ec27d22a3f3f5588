// Trades an Entra application's secret for a token of Azure's cognitive services (OAuth 2.0 client credentials).
import type { KeyEntity } from "../../core/entities.ts";
import { InvalidAnswerError } from "../../core/formats.ts";
import type { TokenCall } from "../../core/provider.ts";

/** Null: the key has a value of its own, or no application. */
export function entraTokenCall(key: KeyEntity): TokenCall | null {
  const { entra } = key;
  if (key.value !== "" || entra === undefined) return null;
  return {
    url: `${entra.authority}/${encodeURIComponent(entra.tenantId)}/oauth2/v2.0/token`,
    headers: [["content-type", "application/x-www-form-urlencoded"]],
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: entra.clientId,
      client_secret: entra.clientSecret,
      scope: entra.scopes.join(" "),
    }).toString(),
    read: readToken,
  };
}

/** An OAuth answer: `access_token`, and `expires_in` in seconds. Throws InvalidAnswerError. */
function readToken(body: unknown): { readonly token: string; readonly lifetime: number } {
  const { access_token: token, expires_in: seconds } = (body ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof token !== "string" || token === "") throw new InvalidAnswerError("the answer holds no access_token");
  return { token, lifetime: (Number(seconds) || 300) * 1000 };
}
