// Walks the tree of the file beside the schema: checks types and values, fills defaults, names what is unknown or not yet there.
import type { Node } from "jsonc-parser";
import { nearestName } from "../lib/nearest.ts";
import type { ConfigDocument } from "./document.ts";
import type { Marks } from "./schema/kinds.ts";
import { looksSecret } from "./source-text.ts";

/** The words of JSON Schema that our schema uses, with our marks. */
export interface Shape extends Marks {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly patternProperties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: boolean;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly enum?: readonly (string | number)[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
}

/** The value that the node stands for under this shape; undefined when it was refused. `path` is for messages. */
export function readValue(document: ConfigDocument, node: Node, shape: Shape, path: string): unknown {
  if (shape.anyOf !== undefined) return readUnion(document, node, shape, path);
  if (shape.enum !== undefined) return readChoice(document, node, shape, path);
  switch (shape.type) {
    case "object":
      return readObject(document, node, shape, path);
    case "array":
      return readList(document, node, shape, path);
    case "string":
      return readText(document, node, shape, path);
    case "number":
    case "integer":
      return readNumber(document, node, shape, path);
    case "boolean":
      return node.type === "boolean" ? (node.value as boolean) : refuseType(document, node, shape, path);
    case "null":
      return node.type === "null" ? null : refuseType(document, node, shape, path);
    default:
      return null;
  }
}

/** The defaults of a block whose members may all be absent. */
export function defaultsOf(shape: Shape): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(shape.properties ?? {})) {
    if (member.default !== undefined && member.later === undefined) result[name] = member.default;
  }
  return result;
}

function readUnion(document: ConfigDocument, node: Node, shape: Shape, path: string): unknown {
  const branch = shape.anyOf?.find((candidate) => fits(node, candidate));
  if (branch === undefined) return refuseType(document, node, shape, path);
  const expected = shape.expected === undefined ? {} : { expected: shape.expected };
  return readValue(
    document,
    node,
    { ...expected, ...branch, ...(shape.secret === true ? { secret: true } : {}) },
    path,
  );
}

function fits(node: Node, shape: Shape): boolean {
  if (shape.type === "integer") return node.type === "number";
  return shape.type === node.type;
}

function readChoice(document: ConfigDocument, node: Node, shape: Shape, path: string): unknown {
  const choices = shape.enum ?? [];
  const value = node.value as string | number;
  if (node.type === "string") document.source.shown.add(node.offset);
  if (choices.includes(value)) return value;
  document.refuse(node, "wrong-value", `${path} is not one of the values it may have`, {
    expected: shape.expected ?? choices.map((choice) => JSON.stringify(choice)).join(", "),
    found: describe(node, shape),
    nearest:
      typeof value === "string"
        ? nearestName(
            value,
            choices.filter((choice) => typeof choice === "string"),
          )
        : undefined,
  });
  return undefined;
}

function readText(document: ConfigDocument, node: Node, shape: Shape, path: string): unknown {
  if (node.type !== "string") return refuseType(document, node, shape, path);
  if (shape.secret !== true) document.source.shown.add(node.offset);
  return node.value as string;
}

function readNumber(document: ConfigDocument, node: Node, shape: Shape, path: string): unknown {
  if (node.type !== "number") return refuseType(document, node, shape, path);
  const value = node.value as number;
  const isBroken =
    !Number.isFinite(value) ||
    (shape.type === "integer" && !Number.isSafeInteger(value)) ||
    (shape.minimum !== undefined && value < shape.minimum) ||
    (shape.exclusiveMinimum !== undefined && value <= shape.exclusiveMinimum) ||
    (shape.maximum !== undefined && value > shape.maximum);
  if (!isBroken) return value;
  document.refuse(node, "wrong-value", `${path} is out of range`, {
    expected: expectation(shape),
    found: describe(node, shape),
  });
  return undefined;
}

function readList(document: ConfigDocument, node: Node, shape: Shape, path: string): unknown {
  if (node.type !== "array") return refuseType(document, node, shape, path);
  const items = (node.children ?? []).map((child, index) =>
    readValue(document, child, shape.items ?? {}, `${path}[${index}]`),
  );
  document.remember(items, node);
  return items;
}

function readObject(document: ConfigDocument, node: Node, shape: Shape, path: string): unknown {
  if (node.type !== "object") return refuseType(document, node, shape, path);
  // without a prototype a member called `__proto__` or `constructor` is a name like any other
  const result = Object.assign(Object.create(null), defaultsOf(shape)) as Record<string, unknown>;
  document.remember(result, node);
  const pattern = Object.values(shape.patternProperties ?? {})[0];
  const seen = new Map<string, Node>();
  for (const property of node.children ?? []) {
    const [key, value] = property.children ?? [];
    if (key === undefined || value === undefined) continue;
    const name = key.value as string;
    const first = seen.get(name);
    if (first !== undefined) {
      const { line } = document.source.position(first.offset);
      document.refuse(
        key,
        "duplicate",
        `${quoted(name)} is given twice in ${path === "" ? "the configuration" : path}`,
        {
          remedy: `The first is on line ${line}; keep one of them.`,
        },
      );
      continue;
    }
    seen.set(name, key);
    const member =
      shape.properties !== undefined && Object.hasOwn(shape.properties, name) ? shape.properties[name] : pattern;
    if (member === undefined) {
      if (shape.additionalProperties !== true) warnUnknown(document, key, name, shape, path);
      continue;
    }
    const read = readMember(document, key, value, member, join(path, name));
    if (read !== undefined) result[name] = read;
  }
  return result;
}

function readMember(document: ConfigDocument, key: Node, value: Node, shape: Shape, path: string): unknown {
  if (shape.later !== undefined) {
    if (!isOff(value, shape.default)) {
      document.warn(
        key,
        "not-supported-yet",
        `${path} is not supported yet and is ignored${shape.later === path ? "" : `: ${shape.later}`}`,
      );
    }
    return undefined;
  }
  // Go writes absent things as null; where null has a meaning of its own the schema says so. For a list it might mean
  // all or none, so it is refused.
  const takesNull = shape.anyOf?.some((branch) => branch.type === "null") === true;
  if (value.type === "null" && !takesNull && shape.type !== "array") return undefined;
  return readValue(document, value, shape, path);
}

/** True when ignoring the value changes nothing: off, empty, or what we do anyway. */
function isOff(node: Node, standard: unknown): boolean {
  if (node.type === "null" || node.value === false || node.value === "") return true;
  if (standard !== undefined && node.value === standard) return true;
  if (node.type === "array") return (node.children ?? []).length === 0;
  if (node.type !== "object") return false;
  const members = node.children ?? [];
  return (
    members.length === 0 ||
    members.some((member) => member.children?.[0]?.value === "enabled" && member.children[1]?.value === false)
  );
}

function warnUnknown(document: ConfigDocument, key: Node, name: string, shape: Shape, path: string): void {
  const known = Object.keys(shape.properties ?? {});
  const nearest = nearestName(name, known);
  const few = nearest === undefined && known.length <= 8 ? { expected: `one of ${known.join(", ")}` } : {};
  document.warn(
    key,
    "unknown-member",
    `${path === "" ? "the configuration" : path} has no member ${quoted(name)}; it is ignored`,
    { nearest, ...few },
  );
}

/** Longer texts in the wrong place might be secrets. */
const SHORT = 10;

function refuseType(document: ConfigDocument, node: Node, shape: Shape, path: string): undefined {
  const isShort = node.type === "string" && shape.secret !== true && (node.value as string).length <= SHORT;
  if (isShort) document.source.shown.add(node.offset);
  document.refuse(node, "wrong-type", `${path} has the wrong type`, {
    expected: expectation(shape),
    found: describe(node, { secret: !isShort }),
  });
  return undefined;
}

const TYPE_NAMES: Record<string, string> = {
  object: "an object {…}",
  array: "a list […]",
  string: "text in double quotes",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  null: "null",
};

function expectation(shape: Shape): string {
  if (shape.expected !== undefined) return shape.expected;
  if (shape.anyOf !== undefined) return shape.anyOf.map(expectation).join(" or ");
  const type = TYPE_NAMES[shape.type ?? ""] ?? "something else";
  if (shape.minimum !== undefined && shape.maximum !== undefined)
    return `${type} from ${shape.minimum} to ${shape.maximum}`;
  return shape.minimum === undefined ? type : `${type}, ${shape.minimum} or more`;
}

/** What was found, without telling a secret. */
function describe(node: Node, shape: Shape): string {
  if (node.type === "string")
    return shape.secret === true || looksSecret(node.value as string) ? "text" : quoted(node.value as string);
  if (node.type === "number") return shape.secret === true ? "a number" : String(node.value);
  if (node.type === "boolean" || node.type === "null") return String(node.value ?? "null");
  return TYPE_NAMES[node.type] ?? node.type;
}

/** A name in quotes, cut to a readable length; a name that looks like a secret is not told. */
export function quoted(name: string): string {
  return looksSecret(name) ? '"********"' : JSON.stringify(name.length > 60 ? `${name.slice(0, 57)}…` : name);
}

function join(path: string, name: string): string {
  if (path === "") return name;
  return /^[\w-]+$/.test(name) && !looksSecret(name) ? `${path}.${name}` : `${path}[${quoted(name)}]`;
}
