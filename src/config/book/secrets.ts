// Takes the secrets out of a body before it is stored or shown, as the schema marks them, and tells how they are shown.
import type { JsonObject, JsonValue } from "../../core/config-store.ts";
import type { Environment } from "../reading.ts";
import { resolve } from "../reading.ts";
import type { Shape } from "../validate.ts";
import { fromEntries, isObject, pointerOf, valueAt } from "./pointers.ts";

/** A body, and what was taken out of it by JSON Pointer. */
export interface Parted {
  readonly body: JsonObject;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Members whose inner shape is not known here yet: their names tell. */
const SECRET_NAME =
  /secret|password|passphrase|token|credential|private_key|api_?key|access_?key|(?:^|_)key$|authorization/i;
const REFERENCE = /^env\..|^vault\.[^#]+#/;

/** `env.NAME` or `vault.path#field`: it names a secret and is none. */
export function isReference(text: string): boolean {
  return REFERENCE.test(text);
}

/** Parts the body by its shape. Secrets in the object form become bare text. */
export function takeSecrets(body: JsonObject, shape: Shape): Parted {
  const secrets: Record<string, string> = {};
  const take = (
    value: JsonValue,
    part: Shape | undefined,
    path: readonly (string | number)[],
  ): JsonValue | undefined => {
    const text = isSecret(part, path) ? bareSecret(value) : null;
    if (typeof text === "string") {
      if (text === "" || isReference(text)) return text;
      secrets[pointerOf(path)] = text;
      return undefined;
    }
    if (Array.isArray(value)) {
      const inner = branchOf(part, "array")?.items;
      // an item keeps its place in the list
      return value.map((item, index) => take(item, inner, [...path, index]) ?? "");
    }
    if (!isObject(value)) return value;
    const members = branchOf(part, "object");
    const kept: [string, JsonValue][] = [];
    for (const [name, member] of Object.entries(value)) {
      const left = take(member, memberShape(members, name), [...path, name]);
      if (left !== undefined) kept.push([name, left]);
    }
    return fromEntries(kept);
  };
  return { body: take(body, shape, []) as JsonObject, secrets };
}

function isSecret(shape: Shape | undefined, path: readonly (string | number)[]): boolean {
  if (shape?.secret === true) return true;
  const isUntyped =
    shape === undefined || (shape.type === undefined && shape.anyOf === undefined && shape.enum === undefined);
  return isUntyped && path.some((name) => typeof name === "string" && SECRET_NAME.test(name));
}

/** Text of a secret in either form; anything else as it is. */
export function bareSecret(value: JsonValue): JsonValue {
  if (!isObject(value)) return value;
  const text = (name: string): string => (typeof value[name] === "string" ? value[name] : "");
  const reference = text("ref") === "" ? text("env_var") : text("ref");
  if (value["from_env"] === true || value["type"] === "env")
    return reference === "" || reference.startsWith("env.") ? reference : `env.${reference}`;
  if (value["type"] === "vault") return `vault.${reference.replace(/^vault\./, "")}`;
  return typeof value["value"] === "string" ? value["value"] : value;
}

function branchOf(shape: Shape | undefined, type: string): Shape | undefined {
  return shape?.anyOf?.find((branch) => branch.type === type) ?? shape;
}

function memberShape(shape: Shape | undefined, name: string): Shape | undefined {
  if (shape?.properties !== undefined && Object.hasOwn(shape.properties, name)) return shape.properties[name];
  return Object.values(shape?.patternProperties ?? {})[0];
}

/** The ends of a long secret, nothing of a short one. */
export function maskSecret(secret: string): string {
  if (secret.length <= 8) return "*".repeat(secret.length);
  return `${secret.slice(0, 4)}${"*".repeat(24)}${secret.slice(-4)}`;
}

/** Pointer → what may be shown: of the secrets, and of what stands behind the references. */
export function shownSecrets(parted: Parted, shape: Shape, environment: Environment): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [pointer, secret] of Object.entries(parted.secrets)) shown[pointer] = maskSecret(secret);
  for (const pointer of references(parted.body, shape)) {
    const resolved = resolve(String(valueAt(parted.body, pointer)), environment);
    if (resolved.type === "text") shown[pointer] = maskSecret(resolved.text);
  }
  return shown;
}

/** Where references to secrets stand. */
function references(body: JsonObject, shape: Shape): string[] {
  const found: string[] = [];
  const visit = (value: JsonValue, part: Shape | undefined, path: readonly (string | number)[]): void => {
    if (typeof value === "string") {
      if (isReference(value) && isSecret(part, path)) found.push(pointerOf(path));
    } else if (Array.isArray(value)) {
      const inner = branchOf(part, "array")?.items;
      for (const [index, item] of value.entries()) visit(item, inner, [...path, index]);
    } else if (isObject(value)) {
      const members = branchOf(part, "object");
      for (const [name, member] of Object.entries(value)) visit(member, memberShape(members, name), [...path, name]);
    }
  };
  visit(body, shape, []);
  return found;
}

/**
 * The body as the caller means it: where it holds a mask exactly as `known` is shown, what `known` has there, be it a
 * secret or a reference.
 */
export function keepMasked(body: JsonObject, known: Parted, shown: Readonly<Record<string, string>>): JsonObject {
  const visit = (value: JsonValue, path: readonly (string | number)[]): JsonValue => {
    const pointer = pointerOf(path);
    const mask = Object.hasOwn(shown, pointer) ? shown[pointer] : undefined;
    if (mask !== undefined && bareMask(value) === mask)
      return known.secrets[pointer] ?? valueAt(known.body, pointer) ?? value;
    if (Array.isArray(value)) return value.map((item, index) => visit(item, [...path, index]));
    if (!isObject(value)) return value;
    return fromEntries(Object.entries(value).map(([name, member]) => [name, visit(member, [...path, name])] as const));
  };
  return visit(body, []) as JsonObject;
}

/** A mask may come back within the object form, beside the reference that it stands for. */
function bareMask(value: JsonValue): JsonValue | undefined {
  return isObject(value) ? value["value"] : value;
}
