// The Entra application of a key of Azure: what the key is traded for a token with.
import type { EntraKeySettings } from "../core/entities.ts";
import { type Reading, resolveOrRefuse } from "./reading.ts";
import type { KeyConfig } from "./schema/keys.ts";

const AUTHORITY = "https://login.microsoftonline.com";
/** As Azure's own libraries read it: another cloud's authority. */
const AUTHORITY_VARIABLE = "AZURE_AUTHORITY_HOST";
const AZURE_SCOPE = "https://cognitiveservices.azure.com/.default";

/** The Entra application of a key; null: it has none, or a value, which wins. */
export function readEntra(reading: Reading, config: KeyConfig, path: string): EntraKeySettings | null {
  const block = config.azure_key_config;
  if (block === undefined || [config.value, config.key].some((written) => written !== undefined && written !== ""))
    return null;
  const where = `${path}.azure_key_config`;
  const text = (member: "tenant_id" | "client_id" | "client_secret") =>
    resolveOrRefuse(reading, block, member, block[member], `${where}.${member}`) ?? "";
  const [tenantId, clientId, clientSecret] = [text("tenant_id"), text("client_id"), text("client_secret")];
  const given = [tenantId, clientId, clientSecret].filter((value) => value !== "").length;
  if (given === 0) return null;
  if (given < 3)
    reading.document.refuse(
      reading.document.at(config, "azure_key_config"),
      "missing",
      `${where} has only a part of an Entra application`,
      { expected: "tenant_id, client_id and client_secret together" },
    );
  const scopes = (block.scopes ?? []).filter((scope) => scope !== "");
  const authority = (reading.environment[AUTHORITY_VARIABLE] ?? "").trim().replace(/\/+$/, "") || AUTHORITY;
  return { authority, tenantId, clientId, clientSecret, scopes: scopes.length === 0 ? [AZURE_SCOPE] : scopes };
}
