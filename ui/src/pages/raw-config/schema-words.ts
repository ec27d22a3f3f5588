// What may stand at a place of config.json by its schema: names of members, and values that are listed.
import type { CursorPlace } from "./json-cursor.ts";

/** A part of a JSON Schema, as far as it is looked at. */
export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly description?: string;
}

/** One line of the list that opens at the cursor. */
export interface Offer {
  /** What is read, and looked for by. */
  readonly label: string;
  readonly about: string;
  /** What is written in place of the word at the cursor. */
  readonly text: string;
}

const MOST = 60;

/** The offers at a place, those that begin with what is written first. */
export function offersAt(root: Schema, place: CursorPlace): readonly Offer[] {
  if (place.wanted === "nothing") return [];
  const found = schemasAt(root, place.path);
  const all = place.wanted === "name" ? names(root, found, place.taken) : values(found);
  const prefix = place.prefix.toLowerCase();
  const starts = all.filter(({ label }) => label.toLowerCase().startsWith(prefix));
  const others = all.filter(
    ({ label }) => !starts.some((one) => one.label === label) && label.toLowerCase().includes(prefix),
  );
  return [...starts, ...others].slice(0, MOST);
}

/** Every schema that may hold for the value at `path`. */
export function schemasAt(root: Schema, path: readonly (string | number)[]): readonly Schema[] {
  let at = spread(root, root);
  for (const step of path) at = at.flatMap((schema) => below(schema, step)).flatMap((schema) => spread(root, schema));
  return at;
}

function below(schema: Schema, step: string | number): Schema[] {
  if (typeof step === "number") return schema.items === undefined ? [] : [schema.items];
  const own = schema.properties?.[step];
  if (own !== undefined) return [own];
  const patterned = Object.values(schema.patternProperties ?? {});
  if (patterned.length > 0) return patterned;
  return typeof schema.additionalProperties === "object" ? [schema.additionalProperties] : [];
}

/** With references and choices taken apart. */
function spread(root: Schema, schema: Schema, depth = 0): Schema[] {
  if (depth > 12) return [];
  const name = schema.$ref?.replace("#/$defs/", "");
  const target = name === undefined ? undefined : root.$defs?.[name];
  const inner = [
    ...(target === undefined ? [] : [target]),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.allOf ?? []),
  ];
  return [schema, ...inner.flatMap((one) => spread(root, one, depth + 1))];
}

function names(root: Schema, schemas: readonly Schema[], taken: readonly string[]): Offer[] {
  const found = new Map<string, Offer>();
  for (const { properties = {} } of schemas)
    for (const [name, member] of Object.entries(properties)) {
      if (found.has(name) || taken.includes(name)) continue;
      found.set(name, {
        label: name,
        about: aboutOf(root, member),
        text: `${JSON.stringify(name)}: ${startOf(root, member)}`,
      });
    }
  return [...found.values()];
}

function aboutOf(root: Schema, schema: Schema): string {
  return spread(root, schema).find(({ description }) => description !== undefined)?.description ?? "";
}

/** How a value begins: what is inserted behind the colon. */
function startOf(root: Schema, schema: Schema): string {
  const all = spread(root, schema);
  const usual = all.find((one) => one.default !== undefined)?.default;
  if (usual !== undefined && typeof usual !== "object") return JSON.stringify(usual);
  const types = all.flatMap(({ type }) => type ?? []);
  if (types.includes("object")) return "{}";
  if (types.includes("array")) return "[]";
  return types.includes("string") ? '""' : "";
}

function values(schemas: readonly Schema[]): Offer[] {
  const found = new Map<string, Offer>();
  const add = (value: unknown, about: string) => {
    const text = JSON.stringify(value);
    const label = typeof value === "string" ? value : text;
    if (typeof value !== "object" && !found.has(label)) found.set(label, { label, about, text });
  };
  for (const schema of schemas) {
    for (const value of schema.enum ?? []) add(value, value === schema.default ? "default" : "");
    if (schema.const !== undefined) add(schema.const, "");
    if (schema.type === "boolean")
      for (const value of [true, false]) add(value, value === schema.default ? "default" : "");
    if (schema.enum === undefined && schema.default !== undefined) add(schema.default, "default");
    for (const value of schema.examples ?? []) add(value, "example");
  }
  return [...found.values()];
}
