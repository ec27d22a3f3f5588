// Reads bodies of entries by the readers of the file, and words their findings for somebody who sent or stored such a body.

import type { GovernanceKind } from "../../core/config-book.ts";
import type { JsonObject } from "../../core/config-store.ts";
import type { ProviderEntity, SettingsEntity, VirtualKeyEntity } from "../../core/entities.ts";
import type { ProviderRegistry } from "../../core/provider.ts";
import { checkAlerts } from "../alerts.ts";
import { readComplexity } from "../complexity.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { ConfigDocument } from "../document.ts";
import { type OwnerLookup, readOwners } from "../owners.ts";
import { readPricingOverrides } from "../pricing-overrides.ts";
import { readProviders } from "../providers.ts";
import type { Environment, Reading } from "../reading.ts";
import { readRoutingRules } from "../routing-rules.ts";
import { type Config, configSchema } from "../schema/config.ts";
import { readSettings } from "../settings.ts";
import { SharedLimits } from "../shared-limits.ts";
import { SourceText } from "../source-text.ts";
import { readSyntax } from "../syntax.ts";
import { readValue, type Shape } from "../validate.ts";
import type { Referable } from "../virtual-key-scopes.ts";
import { readVirtualKeys } from "../virtual-keys.ts";
import { GOVERNANCE_LISTS } from "./owner-entries.ts";

/** What reading needs besides the body. */
export interface BodyContext {
  readonly environment: Environment;
  readonly registry: ProviderRegistry;
  readonly expressionProblem?: Reading["expressionProblem"];
}

/** One thing that was found. */
export interface BodyFinding {
  readonly severity: "error" | "warning";
  readonly code: Diagnostic["code"];
  /** Names the member by its path within the body, what is expected, and the nearest name. */
  readonly message: string;
}

export interface BodyRead<E> {
  /** Null when it was refused, or when it cannot run here. */
  readonly entity: E | null;
  readonly findings: readonly BodyFinding[];
}

interface Read {
  readonly document: ConfigDocument;
  readonly reading: Reading;
  readonly config: Config | undefined;
}

function readConfig(content: JsonObject, context: BodyContext): Read {
  const document = new ConfigDocument(new SourceText("body", JSON.stringify(content, null, 1)));
  const tree = readSyntax(document);
  const config =
    tree === undefined ? undefined : (readValue(document, tree, configSchema as Shape, "") as Config | undefined);
  return { document, config, reading: { document, ...context, emptyMeansAll: false } };
}

/** A provider with its keys in `body.keys`. */
export function readProviderBody(name: string, body: JsonObject, context: BodyContext): BodyRead<ProviderEntity> {
  const { document, reading, config } = readConfig({ providers: [{ ...body, provider: name }] }, context);
  const read = config === undefined ? null : readProviders(reading, config.providers);
  const isUsable = read !== null && !document.isRefused;
  return {
    entity: (isUsable ? read.entities[0] : undefined) ?? null,
    findings: findingsOf(document, "providers[0]"),
  };
}

/** A virtual key with its secret in `body.value`. */
export function readVirtualKeyBody(
  body: JsonObject,
  referable: Referable,
  context: BodyContext,
): BodyRead<VirtualKeyEntity> {
  const { document, reading, config } = readConfig({ governance: { virtual_keys: [body] } }, context);
  const read = config === undefined ? null : readVirtualKeys(reading, config.governance, referable);
  const isUsable = read !== null && !document.isRefused;
  return {
    entity: (isUsable ? read.entities[0] : undefined) ?? null,
    findings: findingsOf(document, "governance.virtual_keys[0]"),
  };
}

/** What owners of limits may refer to. */
export interface OwnerReferable {
  /** Names of configured providers. */
  readonly providers: ReadonlySet<string>;
  readonly owners: OwnerLookup;
}

/** An owner of limits or a configured price; findings alone: its entity is made of the stored body. */
export function readGovernanceBody(
  kind: GovernanceKind,
  body: JsonObject,
  { providers, owners }: OwnerReferable,
  context: BodyContext,
): readonly BodyFinding[] {
  const list = GOVERNANCE_LISTS[kind];
  const { document, reading, config } = readConfig({ governance: { [list]: [body] } }, context);
  const governance = config?.governance;
  if (kind === "pricing-override") readPricingOverrides(reading, governance?.pricing_overrides);
  else if (kind === "routing-rule") readRoutingRules(reading, governance?.routing_rules, { providers, owners });
  else readOwners(reading, governance, { shared: new SharedLimits(reading, undefined), providers, known: owners });
  return findingsOf(document, `governance.${list}[0]`);
}

/** The settings out of the blocks `client`, `server` and `governance`. */
export function readSettingsBody(
  client: JsonObject | undefined,
  server: JsonObject | undefined,
  context: BodyContext,
  governance?: JsonObject | undefined,
): BodyRead<SettingsEntity> {
  const content = {
    ...(client === undefined ? {} : { client }),
    ...(server === undefined ? {} : { server }),
    ...(governance === undefined ? {} : { governance }),
  };
  const { document, reading, config } = readConfig(content, context);
  const entity = config === undefined ? null : readSettings(reading, config.client, config.server, config.governance);
  return { entity: document.isRefused ? null : entity, findings: findingsOf(document, "client") };
}

/** A whole block of the file, checked by its schema alone. */
export function readBlockBody(name: string, body: JsonObject, context: BodyContext): BodyRead<JsonObject> {
  const { document, reading, config } = readConfig({ [name]: body }, context);
  if (name === "governance") {
    checkAlerts(reading, config?.governance);
    readComplexity(reading, config?.governance);
  }
  return { entity: document.isRefused ? null : body, findings: findingsOf(document, name) };
}

function findingsOf(document: ConfigDocument, prefix: string): BodyFinding[] {
  return [...document.errors(), ...document.warnings()].map((finding) => ({
    severity: finding.severity,
    code: finding.code,
    message: wordingOf(finding, prefix),
  }));
}

/** The message without the snippet, and without the place that the body has in our document. */
function wordingOf(finding: Diagnostic, prefix: string): string {
  const details = finding.text
    .split("\n")
    .slice(1)
    .filter((line) => !/^\s+\d* *\| /.test(line) && !/^\s+\|/.test(line))
    // a message of several lines stands there whole already
    .filter((line) => !finding.message.includes(line.trim()))
    .map((line) => line.trim().replace(/:\s+/, ": "))
    .filter((line) => line !== "");
  const message = finding.message.replaceAll(`${prefix}.`, "").replaceAll(prefix, "this entry");
  return details.length === 0 ? message : `${message} (${details.join("; ")})`;
}
