// Reads governance.virtual_keys into entities: secrets hashed, lists by the file's version, references checked.
import { hash } from "node:crypto";
import type { OwnedLimits, VirtualKeyEntity } from "../core/entities.ts";
import { isHeaderValue } from "../lib/header-block.ts";
import { checkHeaderNames, headerNames } from "./header-names.ts";
import { readLimits } from "./limits.ts";
import { nameProblem } from "./names.ts";
import { warnAbove, warnUnknownOwner } from "./owners.ts";
import { type Reading, resolve, stableId, unresolved } from "./reading.ts";
import type { GovernanceConfig, VirtualKeyConfig } from "./schema/governance.ts";
import { SharedLimits } from "./shared-limits.ts";
import { quoted } from "./texts.ts";
import { parseTime } from "./times.ts";
import { VirtualKeyClaims } from "./virtual-key-claims.ts";
import { type Referable, readProviderConfigs } from "./virtual-key-scopes.ts";

/** What the file says about virtual keys. */
export interface VirtualKeysRead {
  /** Empty when they were only to be checked. */
  readonly entities: readonly VirtualKeyEntity[];
  /** How many have their secret as their name. */
  readonly namedBySecret: number;
}

/** Is shown a virtual key as the file has it, and its place in the list. */
export type KeyVisit = (given: object, index: number) => void;

export interface KeyReading {
  /** False: they are only checked. */
  readonly keeps?: boolean;
  readonly visit?: KeyVisit | undefined;
  /** The lists of limits that name their owners; absent = they are read here. */
  readonly shared?: SharedLimits | undefined;
  /** Is told id and name of each. */
  readonly note?: ((id: string, name: string) => void) | undefined;
}

/** The SHA-256 of a virtual key's secret as the snapshot looks it up. */
export function hashSecret(secret: string): string {
  return hash("sha256", secret, "base64");
}

export function readVirtualKeys(
  given: Reading,
  governance: GovernanceConfig | undefined,
  referable: Referable,
  { keeps = true, visit, note, shared = new SharedLimits(given, governance) }: KeyReading = {},
): VirtualKeysRead {
  const reading: Reading = keeps ? given : { ...given, checksOnly: true };
  const claims = new VirtualKeyClaims();
  const entities: VirtualKeyEntity[] = [];
  let namedBySecret = 0;
  for (const [index, config] of (governance?.virtual_keys ?? []).entries()) {
    if (config === undefined) continue;
    const path = `governance.virtual_keys[${index}]`;
    const secret = readSecret(reading, config, path);
    if (isNamedBySecret(config, secret)) namedBySecret++;
    const entity = readVirtualKey(reading, config, { path, secret, shared, referable });
    const { id, name, valueHash } = entity;
    claims.note(index, config, keeps ? entity : { id, name, valueHash });
    note?.(id, name);
    if (keeps) entities.push(entity);
    visit?.(config, index);
  }
  claims.refuseEqual(reading.document);
  shared.warnUnused();
  return { entities, namedBySecret };
}

function isNamedBySecret(config: VirtualKeyConfig, secret: string | null): boolean {
  return secret !== null && (config.name === undefined || config.name === "" || config.name === secret);
}

interface KeyContext {
  readonly path: string;
  readonly secret: string | null;
  readonly shared: SharedLimits;
  readonly referable: Referable;
}

function readVirtualKey(reading: Reading, config: VirtualKeyConfig, context: KeyContext): VirtualKeyEntity {
  const { path, secret, shared } = context;
  refuseTwoOwners(reading, config, path);
  const problem = config.name === undefined ? null : nameProblem(config.name);
  if (problem !== null)
    reading.document.refuse(reading.document.at(config, "name"), "wrong-value", `${path}.name ${problem}`);
  const name = config.name !== undefined && config.name !== "" ? config.name : (secret ?? path);
  const id = config.id !== undefined && config.id !== "" ? config.id : stableId("virtual-key", name);
  const limits = readLimits(reading, config, { kind: "virtual_key_id", names: [id, name], seed: id, path }, shared);
  return {
    kind: "virtual-key",
    id,
    name,
    // no secret has the empty text as its hash: a key without one is found by nobody
    valueHash: secret === null ? "" : valueHashOf(secret, reading),
    active: config.is_active !== false && secret !== null,
    expiresAt: readExpiry(reading, config, path),
    providers: readProviderConfigs(reading, config, { ...context, id, limits }),
    ...limits,
    ...readOwner(reading, config, { ...context, limits }),
    ...(config.on_store_down === undefined ? {} : { onStoreDown: config.on_store_down }),
    ...(config.unpriced_models === undefined ? {} : { unpricedModels: config.unpriced_models }),
    ...(config.content_level === undefined ? {} : { contentLevel: config.content_level }),
    ...readRequiredHeaders(reading, config, path),
  };
}

function readRequiredHeaders(
  reading: Reading,
  config: VirtualKeyConfig,
  path: string,
): Pick<VirtualKeyEntity, "requiredHeaders"> {
  const names = config.required_headers;
  if (names === undefined || names.length === 0) return {};
  checkHeaderNames(reading, names, `${path}.required_headers`);
  return { requiredHeaders: headerNames(names) };
}

/** An owner that nobody knows is kept as it was written. */
function readOwner(
  reading: Reading,
  config: VirtualKeyConfig,
  { path, referable, limits }: KeyContext & { readonly limits: OwnedLimits },
): Pick<VirtualKeyEntity, "teamId" | "customerId"> {
  const member = (config.team_id ?? "") !== "" ? "team_id" : "customer_id";
  const written = config[member] ?? "";
  if (written === "") return {};
  const { owners } = referable;
  const owner = member === "team_id" ? owners.findTeam(written) : owners.findCustomer(written);
  if (owner === undefined) warnUnknownOwner(reading, config, member, `${path}.${member}`);
  else warnAbove(reading, config, path, limits, owner, `the ${owner.kind} ${quoted(owner.name)}`);
  const id = owner?.id ?? written;
  return member === "team_id" ? { teamId: id } : { customerId: id };
}

/** Where nothing is kept the secret itself tells whether two are the same: hashing costs more than all the rest. */
function valueHashOf(secret: string, reading: Reading): string {
  return reading.checksOnly === true ? secret : hashSecret(secret);
}

/** A key belongs to a team or to a customer: limits above it would be ambiguous. */
function refuseTwoOwners(reading: Reading, config: VirtualKeyConfig, path: string): void {
  if ((config.team_id ?? "") === "" || (config.customer_id ?? "") === "") return;
  reading.document.refuse(
    reading.document.nameAt(config, "customer_id"),
    "wrong-value",
    `${path} has both team_id and customer_id`,
    { remedy: "Keep one of them; a team has its customer by its own customer_id." },
  );
}

/** The secret in clear, or null after telling why there is none. */
function readSecret(reading: Reading, config: VirtualKeyConfig, path: string): string | null {
  const { document } = reading;
  const member = config.value === undefined ? "virtual_key" : "value";
  const written = config[member];
  if (written === undefined || written === "") {
    document.warn(document.at(config), "missing", `${path} has no value, so nobody can use it`, {
      remedy: 'Give it a "value"; "env.NAME" reads it from the environment.',
    });
    return null;
  }
  const resolved = resolve(written, reading.environment);
  if (resolved.type !== "text") {
    const { code, problem, remedy } = unresolved(resolved);
    document.warn(document.at(config, member), code, `${path} is switched off: ${problem}`, { remedy });
    return null;
  }
  if (resolved.text !== "" && resolved.text === resolved.text.trim() && isHeaderValue(resolved.text))
    return resolved.text;
  document.refuse(document.at(config, member), "wrong-value", `${path}: the value cannot be sent in a header`, {
    expected: "text without line ends, control characters and spaces at either end",
  });
  return null;
}

function readExpiry(reading: Reading, config: VirtualKeyConfig, path: string): number | null {
  const written = config.expires_at;
  if (written === undefined || written === null || written === "") return null;
  const time = parseTime(written);
  if (time !== null) return time;
  reading.document.refuse(
    reading.document.at(config, "expires_at"),
    "wrong-value",
    `${path}.expires_at is not a time`,
    {
      expected: 'a time such as "2027-01-31T00:00:00Z"',
      found: quoted(written),
    },
  );
  return null;
}
