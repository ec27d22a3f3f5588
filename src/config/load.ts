// Reads a configuration: file text (or none) and environment in, entities with warnings out, or every reason to refuse at once.
import { basename, join, relative, resolve as resolvePath } from "node:path";
import type { CatalogueEntity, Entity, ProviderEntity } from "../core/entities.ts";
import type { ProviderRegistry } from "../core/provider.ts";
import { PlainObject, placeOf } from "../lib/json-text/places.ts";
import { checkAlerts } from "./alerts.ts";
import { readComplexity } from "./complexity.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { ConfigDocument } from "./document.ts";
import { demoProvider, environmentProviders } from "./environment.ts";
import { type ConfigurationFacts, readFacts, standardFacts } from "./facts.ts";
import { readOwners } from "./owners.ts";
import { readPricingOverrides } from "./pricing-overrides.ts";
import { readProviders } from "./providers.ts";
import { readConfigFile, withoutMark } from "./read-file.ts";
import type { Environment, Reading } from "./reading.ts";
import { readRoutingRules } from "./routing-rules.ts";
import { type Config, configSchema } from "./schema/config.ts";
import { ScopeNames } from "./scope-names.ts";
import { readSettings, STANDARD_SETTINGS } from "./settings.ts";
import { SharedLimits } from "./shared-limits.ts";
import { SourceText } from "./source-text.ts";
import { readSyntax } from "./syntax.ts";
import { readValue, type Shape } from "./validate.ts";
import { type KeyVisit, readVirtualKeys } from "./virtual-keys.ts";

export interface LoadOptions {
  readonly appDir: string;
  /** Null: `config.json` in the app dir, if there is one. A file that is named must be there. */
  readonly configPath: string | null;
  /** In place of the file's content: drafts and tests. */
  readonly text?: string;
  readonly environment: Environment;
  readonly registry: ProviderRegistry;
  /** What is known of models, by adapter; handed on as entities. */
  readonly catalogue: readonly CatalogueEntity[];
  /** What is wrong with the prices of an override, naming the member; null = nothing. Absent: they are not looked at. */
  readonly patchProblem?: Reading["patchProblem"];
  /** Why an expression of a routing rule does not compile; null = it does. Absent: they are not looked at. */
  readonly expressionProblem?: Reading["expressionProblem"];
}

/** What the file holds, as it was written. */
export interface LoadedFile {
  readonly label: string;
  /** Its members; `governance.virtual_keys` is an array or, when there are many, a LongList. */
  readonly members: Readonly<Record<string, unknown>>;
  /** `config.json:12`: where the object, or the name of its member, stands. */
  placeOf(owner: object, member?: string): string;
}

export type LoadResult =
  | {
      readonly ok: true;
      readonly entities: readonly Entity[];
      /** Null: there is none. */
      readonly file: LoadedFile | null;
      readonly warnings: readonly Diagnostic[];
      readonly facts: ConfigurationFacts;
    }
  | { readonly ok: false; readonly errors: readonly Diagnostic[]; readonly warnings: readonly Diagnostic[] };

/** A configuration of which everything is read but the virtual keys. */
export interface OpenedConfiguration {
  /** Null: it is refused, and `finish` tells why. Without the hints that the virtual keys give. */
  readonly facts: ConfigurationFacts | null;
  /** Null: there is no file. */
  readonly bytes: Buffer | null;
  readonly file: LoadedFile | null;
  /** What was found so far. */
  warnings(): readonly Diagnostic[];
  /**
   * Reads the virtual keys too, or only checks them, or knows that they are good. To be called once. `visit` is shown each that is
   * read or checked, before it is known whether the file is refused.
   */
  finish(keys?: "read" | "check" | "known", visit?: KeyVisit): LoadResult;
}

/** Pure apart from reading the one file. Settings come first, then the catalogue, providers and virtual keys. */
export function loadConfiguration(options: LoadOptions): LoadResult {
  return openConfiguration(options).finish();
}

/** For a start that may know the virtual keys of the file already: there may be very many. */
export function openConfiguration(options: LoadOptions): OpenedConfiguration {
  const path = options.configPath ?? join(options.appDir, "config.json");
  const label = labelOf(path, options);
  if (options.text !== undefined) return openText(options, path, label, withoutMark(Buffer.from(options.text)));
  const file = readConfigFile(path, label);
  if (file.type === "bytes") return openText(options, path, label, file.bytes);
  if (file.type === "absent" && options.configPath === null) {
    const loaded = loadEnvironment(options);
    const facts = loaded.ok ? loaded.facts : null;
    return { facts, bytes: null, file: null, warnings: () => loaded.warnings, finish: () => loaded };
  }
  return refused(() => ({ ok: false, errors: [file.problem], warnings: [] }));
}

function refused(finish: OpenedConfiguration["finish"]): OpenedConfiguration {
  return { facts: null, bytes: null, file: null, warnings: () => [], finish };
}

/** As people call the file: its name alone in the app dir, else its path from here. */
function labelOf(path: string, options: LoadOptions): string {
  if (resolvePath(path) === resolvePath(options.appDir, basename(path))) return basename(path);
  const fromHere = relative(process.cwd(), path);
  return fromHere === "" || fromHere.startsWith("..") ? path : fromHere;
}

function loadEnvironment(options: LoadOptions): LoadResult {
  const { entities, warnings } = environmentProviders(options.registry, options.environment);
  const demo = demoProvider(options.registry);
  const providers = demo === undefined ? entities : [...entities, demo];
  const hints =
    entities.length > 0
      ? []
      : ["No provider key was found in the environment: set one, such as OPENAI_API_KEY, or write a config.json."];
  return {
    ok: true,
    entities: [STANDARD_SETTINGS, ...options.catalogue, ...providers],
    file: null,
    warnings,
    facts: standardFacts(options.environment, hints),
  };
}

function openText(options: LoadOptions, path: string, label: string, text: Buffer): OpenedConfiguration {
  const document = new ConfigDocument(new SourceText(label, text));
  const content = readSyntax(document);
  const config =
    content === undefined
      ? undefined
      : (readValue(document, content, configSchema as Shape, "", { lazily: true }) as Config | undefined);
  if (config === undefined) return refused(() => refusal(document));
  const reading: Reading = {
    document,
    environment: options.environment,
    registry: options.registry,
    emptyMeansAll: config.version === 1,
    patchProblem: options.patchProblem,
    expressionProblem: options.expressionProblem,
    limitIds: new Map(),
  };
  const settings = readSettings(reading, config.client, config.server, config.governance);
  const read = readProviders(reading, config.providers);
  const providers = withDemo(read.entities, options.registry);
  checkAlerts(reading, config.governance);
  const shared = new SharedLimits(reading, config.governance);
  const names = new Set([...providers.map((provider) => provider.name), ...read.leftOut]);
  const owners = readOwners(reading, config.governance, { shared, providers: names });
  const overrides = readPricingOverrides(reading, config.governance?.pricing_overrides);
  const keysOf = (name: string) => providers.find((provider) => provider.name === name)?.keys ?? [];
  const rules = readRoutingRules(reading, config.governance?.routing_rules, { providers: names, owners, keysOf });
  const complexity = readComplexity(reading, config.governance);
  const facts = readFacts(reading, config, path, []);
  const file: LoadedFile = {
    label,
    members: membersOf(content as object),
    placeOf: (owner, member) =>
      document.lineAt(member === undefined ? document.at(owner) : document.nameAt(owner, member)),
  };
  const finish = (keys: "read" | "check" | "known" = "read", visit?: KeyVisit): LoadResult => {
    const referable = {
      providers: new Map(providers.map((provider) => [provider.name, provider])),
      leftOut: read.leftOut,
      owners,
    };
    const scopes = new ScopeNames([...owners.entities, ...overrides, ...rules]);
    const found =
      keys === "known"
        ? { entities: [], namedBySecret: 0 }
        : readVirtualKeys(reading, config.governance, referable, {
            keeps: keys === "read",
            visit,
            shared,
            note: scopes.isEmpty ? undefined : (id, name) => scopes.note(id, name),
          });
    if (keys !== "known") scopes.warnUnknown(reading, config.governance);
    if (document.isRefused) return refusal(document);
    return {
      ok: true,
      entities: [
        settings,
        ...(complexity === null ? [] : [complexity]),
        ...options.catalogue,
        ...providers,
        ...scopes.entities(),
        ...found.entities,
      ],
      file,
      warnings: document.warnings(),
      facts: { ...facts, hints: hintsOf(found.namedBySecret) },
    };
  };
  return {
    facts: document.isRefused ? null : facts,
    bytes: text,
    file,
    warnings: () => document.warnings(),
    finish,
  };
}

/** The login may stand in `governance`, as older files have it. */
function membersOf(content: object): Readonly<Record<string, unknown>> {
  const members = content as Readonly<Record<string, unknown>>;
  const inner = (members.governance as { auth_config?: unknown } | null | undefined)?.auth_config;
  if (inner === undefined || inner === null || members.auth_config !== undefined) return members;
  return Object.assign(new PlainObject(placeOf(content)), members, { auth_config: inner });
}

/** Last, so that it is nobody's first choice. */
function withDemo(entities: readonly ProviderEntity[], registry: ProviderRegistry): readonly ProviderEntity[] {
  const demo = demoProvider(registry);
  return demo === undefined || entities.some((entity) => entity.name === demo.name) ? entities : [...entities, demo];
}

/** Told once: such a name is shown wherever names are shown. */
function hintsOf(namedBySecret: number): string[] {
  if (namedBySecret === 0) return [];
  if (namedBySecret === 1)
    return ['1 virtual key has its secret as its name and is shown as it is; give it a "name" to hide the secret.'];
  return [
    `${namedBySecret} virtual keys have their secret as their name and are shown as they are; give them a "name" to hide the secret.`,
  ];
}

function refusal(document: ConfigDocument): LoadResult {
  return { ok: false, errors: document.errors(), warnings: document.warnings() };
}
