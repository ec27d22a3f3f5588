// What a key of a cloud is made of: an AWS account, a Google project, an Entra application.
import { readFileSync } from "node:fs";
import type { AwsKeySettings, CloudKeySettings, EntraKeySettings, GoogleKeySettings } from "../core/entities.ts";
import { type Environment, type Reading, resolveOrRefuse, type SecretConfig } from "./reading.ts";
import type { KeyConfig } from "./schema/keys.ts";

const AUTHORITY = "https://login.microsoftonline.com";
/** As Azure's own libraries read it: another cloud's authority. */
const AUTHORITY_VARIABLE = "AZURE_AUTHORITY_HOST";
const AZURE_SCOPE = "https://cognitiveservices.azure.com/.default";
/** Where Google's own libraries look for credentials when none are given. */
const GOOGLE_FILE = "GOOGLE_APPLICATION_CREDENTIALS";

/** A reader of one block's texts: empty where a member is absent, told where it cannot be resolved. */
function textsOf(reading: Reading, block: object, where: string): (member: string) => string {
  return (member) => {
    const written = (block as Readonly<Record<string, SecretConfig | undefined>>)[member];
    return resolveOrRefuse(reading, block, member, written, `${where}.${member}`) ?? "";
  };
}

/** The first text of the environment under one of these names; empty: none. */
function firstOf(environment: Environment, names: readonly string[]): string {
  return names.map((name) => (environment[name] ?? "").trim()).find((value) => value !== "") ?? "";
}

/** Where AWS's own tools look for the region. */
export function awsRegion(environment: Environment): string {
  return firstOf(environment, ["AWS_REGION", "AWS_DEFAULT_REGION"]) || "us-east-1";
}

function readAws(
  reading: Reading,
  config: KeyConfig,
  member: "bedrock_key_config" | "bedrock_mantle_key_config",
  path: string,
): AwsKeySettings | null {
  const block = config[member];
  if (block === undefined) return null;
  const where = `${path}.${member}`;
  const text = textsOf(reading, block, where);
  const settings: AwsKeySettings = {
    type: "aws",
    accessKey: text("access_key"),
    secretKey: text("secret_key"),
    sessionToken: text("session_token"),
    region: text("region") || awsRegion(reading.environment),
    arn: text("arn"),
    roleArn: text("role_arn"),
    externalId: text("external_id"),
    sessionName: text("session_name"),
  };
  const half = settings.accessKey === "" ? "access_key" : "secret_key";
  if ((settings.accessKey === "") !== (settings.secretKey === ""))
    reading.document.refuse(reading.document.at(config, member), "missing", `${where}.${half} is missing`, {
      expected: "access_key and secret_key together, or neither",
    });
  return settings;
}

function readGoogle(reading: Reading, config: KeyConfig, path: string): GoogleKeySettings | null {
  const block = config.vertex_key_config;
  if (block === undefined) return null;
  const where = `${path}.vertex_key_config`;
  const text = textsOf(reading, block, where);
  const settings: GoogleKeySettings = {
    type: "google",
    projectId: text("project_id"),
    projectNumber: text("project_number"),
    region: text("region") || "us-central1",
    credentials: text("auth_credentials") || googleFile(reading, config, where),
    forceSingleRegion: block.force_single_region === true,
  };
  checkCredentials(reading, config, where, settings.credentials);
  return settings;
}

/** The file that Google's own tools would take; empty where the environment names none. */
function googleFile(reading: Reading, config: KeyConfig, where: string): string {
  const file = (reading.environment[GOOGLE_FILE] ?? "").trim();
  if (file === "" || (config.value !== undefined && config.value !== "")) return "";
  try {
    return readFileSync(file, "utf8");
  } catch {
    reading.document.refuse(
      reading.document.at(config, "vertex_key_config"),
      "missing",
      `${where}: the file that ${GOOGLE_FILE} names cannot be read`,
      { remedy: "Give auth_credentials, or let the variable name a readable file." },
    );
    return "";
  }
}

/** A credential that is no JSON object would only be found out by the first request. */
function checkCredentials(reading: Reading, config: KeyConfig, where: string, credentials: string): void {
  if (credentials === "") return;
  try {
    const parsed: unknown = JSON.parse(credentials);
    if (typeof parsed === "object" && parsed !== null && "type" in parsed) return;
  } catch {
    // told below
  }
  reading.document.refuse(
    reading.document.at(config, "vertex_key_config"),
    "wrong-value",
    `${where}.auth_credentials is no credentials file of Google`,
    { expected: 'the JSON text of a file with "type": "service_account" or "authorized_user"' },
  );
}

function hasValue({ value, key }: KeyConfig): boolean {
  return [value, key].some((written) => written !== undefined && written !== "");
}

function readEntra(reading: Reading, config: KeyConfig, path: string): EntraKeySettings | null {
  const block = config.azure_key_config;
  if (block === undefined) return null;
  const where = `${path}.azure_key_config`;
  const text = textsOf(reading, block, where);
  const [tenantId, clientId, clientSecret] = [text("tenant_id"), text("client_id"), text("client_secret")];
  const given = [tenantId, clientId, clientSecret].filter((value) => value !== "").length;
  // a value of its own wins: whatever else is written stays unused
  if (given === 0 || (given < 3 && hasValue(config))) return null;
  if (given < 3)
    reading.document.refuse(
      reading.document.at(config, "azure_key_config"),
      "missing",
      `${where} has only a part of an Entra application`,
      { expected: "tenant_id, client_id and client_secret together" },
    );
  const scopes = (block.scopes ?? []).filter((scope) => scope !== "");
  const authority = (firstOf(reading.environment, [AUTHORITY_VARIABLE]) || AUTHORITY).replace(/\/+$/, "");
  return {
    type: "entra",
    authority,
    tenantId,
    clientId,
    clientSecret,
    scopes: scopes.length === 0 ? [AZURE_SCOPE] : scopes,
  };
}

/** What the key has besides its value, by the kind of its provider; null: nothing. */
export function readCloud(reading: Reading, config: KeyConfig, base: string, path: string): CloudKeySettings | null {
  switch (base) {
    case "bedrock":
      return readAws(reading, config, "bedrock_key_config", path);
    case "bedrock_mantle":
      return readAws(reading, config, "bedrock_mantle_key_config", path);
    case "vertex":
      return readGoogle(reading, config, path);
    case "azure":
      return readEntra(reading, config, path);
    default:
      return null;
  }
}

/** Whether the key can be used without a value. */
export function standsAlone(cloud: CloudKeySettings | null): boolean {
  if (cloud === null) return false;
  if (cloud.type === "aws") return cloud.accessKey !== "";
  return cloud.type === "google" ? cloud.credentials !== "" : cloud.clientSecret !== "";
}
