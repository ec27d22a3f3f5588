// Reads governance.pricing_overrides: whom a price is for, which models, and that nothing it needs is missing.
import type { PriceOverrideEntity } from "../core/entities.ts";
import type { OverrideScope } from "../core/price.ts";
import { nearestName } from "../lib/nearest.ts";
import { nameProblem } from "./names.ts";
import { type Reading, stableId } from "./reading.ts";
import type { PricingOverrideConfig } from "./schema/owners.ts";
import { quoted } from "./texts.ts";

type IdMember = "virtual_key_id" | "provider_id" | "provider_key_id";

/** The members that each scope needs. */
const NEEDED: Readonly<Record<OverrideScope, readonly IdMember[]>> = {
  global: [],
  provider: ["provider_id"],
  provider_key: ["provider_key_id"],
  virtual_key: ["virtual_key_id"],
  virtual_key_provider: ["virtual_key_id", "provider_id"],
  virtual_key_provider_key: ["virtual_key_id", "provider_key_id"],
};

export function readPricingOverrides(
  reading: Reading,
  list: readonly (PricingOverrideConfig | undefined)[] | undefined,
): PriceOverrideEntity[] {
  const entities: PriceOverrideEntity[] = [];
  const [names, ids] = [new Set<string>(), new Set<string>()];
  for (const [index, config] of (list ?? []).entries()) {
    if (config === undefined) continue;
    const path = `governance.pricing_overrides[${index}]`;
    const entity = readOverride(reading, config, path);
    if (entity === null) continue;
    const member = names.has(entity.name) ? "name" : ids.has(entity.id) ? "id" : null;
    if (member !== null)
      reading.document.refuse(
        reading.document.at(config, member),
        "duplicate",
        `${path} has the ${member} of another pricing override`,
        { remedy: "Every one needs its own." },
      );
    names.add(entity.name);
    ids.add(entity.id);
    entities.push(entity);
  }
  return entities;
}

/** Null after telling what is missing. */
function readOverride(reading: Reading, config: PricingOverrideConfig, path: string): PriceOverrideEntity | null {
  const { document } = reading;
  const scope: OverrideScope = config.scope_kind ?? "global";
  const missing = missingOf(config, scope);
  for (const [member, expected] of missing)
    if (!document.has(config, member) || isEmpty(config[member]))
      document.refuse(document.at(config), "missing", `${path} has no ${member}`, { expected });
  if (missing.length > 0) return null;
  const name = config.name ?? "";
  const problem = nameProblem(name);
  if (problem !== null) document.refuse(document.at(config, "name"), "wrong-value", `${path}.name ${problem}`);
  const pattern = config.pattern ?? "";
  const match = config.match_type ?? "exact";
  checkPattern(reading, config, { pattern, match, path });
  checkPatch(reading, config, path);
  checkTypes(reading, config, path);
  return {
    kind: "price-override",
    id: config.id !== undefined && config.id !== "" ? config.id : stableId("pricing-override", name),
    name,
    scope,
    virtualKeyId: textOrNull(config.virtual_key_id),
    providerId: textOrNull(config.provider_id),
    providerKeyId: textOrNull(config.provider_key_id),
    match,
    pattern,
    requestTypes: (config.request_types ?? []).filter((type) => type !== undefined),
    patch: { ...config.patch },
  };
}

function missingOf(
  config: PricingOverrideConfig,
  scope: OverrideScope,
): [keyof PricingOverrideConfig & string, string][] {
  const needed: [keyof PricingOverrideConfig & string, string][] = [
    ["name", "a name for people"],
    ["pattern", 'a model, or with "match_type": "wildcard" the beginning of one and a star'],
    ["request_types", 'request types, such as ["chat_completion"]'],
    ["patch", 'prices of the sheet, such as {"input_cost_per_token": 0.000002}'],
    ...NEEDED[scope].map((member): [IdMember, string] => [member, `the one that the scope ${scope} is for`]),
  ];
  return needed.filter(([member]) => isEmpty(config[member]));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function checkPattern(
  { document }: Reading,
  config: PricingOverrideConfig,
  { pattern, match, path }: { pattern: string; match: string; path: string },
): void {
  const star = pattern.indexOf("*");
  if (match === "exact" ? star < 0 : star === pattern.length - 1) return;
  document.refuse(document.at(config, "pattern"), "wrong-value", `${path}.pattern does not fit its match_type`, {
    expected: 'a model without a star, or with "match_type": "wildcard" the beginning of one that ends in a star',
  });
}

/** A price that nobody knows, or that cannot be one, would leave the model at its old price without a word. */
function checkPatch({ document, patchProblem }: Reading, config: PricingOverrideConfig, path: string): void {
  const problem = patchProblem?.({ ...config.patch }) ?? null;
  if (problem === null) return;
  document.refuse(document.at(config, "patch"), "wrong-value", `${path}.${problem}`, {
    expected: 'prices of the sheet in dollars, such as {"input_cost_per_token": 0.000002}',
  });
}

/** As answers and records name them, without `_stream`. */
const REQUEST_TYPES: readonly string[] = [
  "chat_completion",
  "responses",
  "text_completion",
  "embedding",
  "speech",
  "transcription",
  "image_generation",
  "image_edit",
  "image_variation",
  "video_generation",
  "rerank",
  "ocr",
  "count_tokens",
  "batch_create",
  "file_upload",
  "container_create",
  "passthrough",
  "realtime",
];

/** A type that no request has would leave the model at its old price without a word. */
function checkTypes({ document }: Reading, config: PricingOverrideConfig, path: string): void {
  for (const type of config.request_types ?? []) {
    const base = type?.replace(/_stream$/, "");
    if (base === undefined || REQUEST_TYPES.includes(base)) continue;
    document.warn(
      document.at(config, "request_types"),
      "reference",
      `${path}.request_types: no request is of the type ${quoted(base)}`,
      { nearest: nearestName(base, REQUEST_TYPES) },
    );
  }
}

function textOrNull(text: string | undefined): string | null {
  return text === undefined || text === "" ? null : text;
}
