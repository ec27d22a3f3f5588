// The settings of the gateway as the schema of config.json describes them, one row a member.
import type { Shape } from "../config/validate.ts";
import type { JsonValue } from "../core/config-store.ts";

/** A member that can be set. */
export interface Field {
  readonly path: readonly string[];
  readonly section: string;
  readonly shape: Shape;
}

/** How the sections are called, in their order. The ids are members of config.json. */
export const SECTIONS: readonly (readonly [id: string, title: string])[] = [
  ["client", "Requests and records"],
  ["auth_config", "Login"],
  ["governance", "Governance"],
  ["framework", "Prices"],
  ["server", "Listener"],
  ["config_store", "Configuration store"],
  ["logs_store", "Request log"],
];

/** Members of `governance` that are lists of entries with pages of their own. */
const ENTRIES =
  /^(?:virtual_keys|customers|teams|providers|model_configs|pricing_overrides|routing_rules|budgets|rate_limits|auth_config|complexity_analyzer_config)$/;

/** Every member that has an effect here and has one place to be written at. */
export function fieldsOf(members: Readonly<Record<string, Shape>>): Field[] {
  return SECTIONS.flatMap(([section]) => {
    const block = members[section];
    return block === undefined ? [] : within(block, section, [section]);
  });
}

function within(block: Shape, section: string, path: readonly string[]): Field[] {
  return Object.entries(block.properties ?? {}).flatMap(([name, shape]) => {
    if (isLeftOut(shape) || (path.length === 1 && section === "governance" && ENTRIES.test(name))) return [];
    const inner = [...path, name];
    const isBlock = shape.type === "object" && shape.properties !== undefined;
    return isBlock ? within(shape, section, inner) : [{ path: inner, section, shape }];
  });
}

/** Without effect, not there yet, or another spelling. */
function isLeftOut(shape: Shape): boolean {
  const description = (shape as { readonly description?: string }).description ?? "";
  return shape.idle === true || shape.later !== undefined || /^Older\b/.test(description);
}

const SHORT: Readonly<Record<string, string>> = { url: "URL", mb: "MB", id: "ID", ttl: "TTL", mcp: "MCP", api: "API" };

/** `max_request_body_size_mb` → `Max request body size MB`. */
export function titleOf(name: string): string {
  const words = name.split("_").map((word) => SHORT[word] ?? word);
  const text = words.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What a number counts; undefined = nothing that has a name. */
export function unitOf(name: string, description: string): string | undefined {
  if (name.endsWith("_mb")) return "MB";
  if (name.endsWith("_days")) return "days";
  if (/_(?:in_seconds|ttl)$|_interval$/.test(name) || /^Seconds|seconds\.$/.test(description)) return "s";
  if (/_bytes$|bytes\.$/.test(name + description)) return "bytes";
  return undefined;
}

/** The kind of form field. */
export function typeOf(shape: Shape): string {
  if (shape.secret === true) return "secret";
  if (shape.type === "array") return "list";
  if (shape.type !== undefined) return shape.type;
  if (shape.enum !== undefined) return "string";
  const types = (shape.anyOf ?? []).flatMap(({ type }) => type ?? []);
  return types.length === 0 ? "any" : [...new Set(types)].join(" or ");
}

/** What holds where nothing is written. */
export function defaultOf(shape: Shape): JsonValue {
  if (shape.default !== undefined) return shape.default as JsonValue;
  if (shape.type === "boolean") return false;
  if (shape.type === "array") return [];
  return null;
}
