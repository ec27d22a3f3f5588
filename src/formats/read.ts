// Reads fields of a client's JSON body: the value in its type, or a GatewayError that names the field.

import type { MediaSource } from "../core/chat.ts";
import { GatewayError } from "../core/errors.ts";

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The refusal of a field of the wrong type or value; `expected` completes "FIELD must be …". */
export function wrongField(field: string, expected: string): GatewayError {
  return new GatewayError("invalid_request", `${field} must be ${expected}`, { param: field });
}

export function missingField(field: string): GatewayError {
  return new GatewayError("missing_field", `${field} is required`, { param: field });
}

export function requireObject(value: unknown, field: string): JsonObject {
  if (isObject(value)) return value;
  throw wrongField(field, "an object");
}

export function requireArray(value: unknown, field: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrongField(field, "a list");
}

/** A text that must be there. */
export function requireString(value: unknown, field: string): string {
  if (typeof value === "string") return value;
  if (value === undefined || value === null) throw missingField(field);
  throw wrongField(field, "a string");
}

/** A reader of optional fields: absent and null are undefined, another type is refused. */
function optional<T>(
  expected: string,
  test: (value: unknown) => value is T,
): (value: unknown, field: string) => T | undefined {
  return (value, field) => {
    if (value === undefined || value === null) return undefined;
    if (test(value)) return value;
    throw wrongField(field, expected);
  };
}

const isString = (value: unknown): value is string => typeof value === "string";
const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";
const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isInteger = (value: unknown): value is number => Number.isInteger(value);

export const optionalString = optional("a string", isString);
export const optionalBoolean = optional("true or false", isBoolean);
export const optionalNumber = optional("a number", isNumber);
export const optionalInteger = optional("a whole number", isInteger);
export const optionalCount = optional("a whole number of at least 0", isCount);
export const optionalObject = optional("an object", isObject);
export const optionalArray = optional("a list", (value): value is readonly unknown[] => Array.isArray(value));

/** A string or a list of strings, as a list. */
export function optionalStrings(value: unknown, field: string): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return [value];
  if (Array.isArray(value) && value.every(isString)) return value;
  throw wrongField(field, "a string or a list of strings");
}

/** Runs `read` over a list, telling each element's place. */
export function readEach<T>(value: unknown, field: string, read: (element: unknown, field: string) => T): T[] {
  return requireArray(value, field).map((element, n) => read(element, `${field}[${n}]`));
}

/** The object without fields that are undefined, so that canonical forms compare equal however they were made. */
export function compact<const T extends object>(value: T): T {
  const kept = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return Object.fromEntries(kept) as T;
}

const DATA_URL = /^data:([^;,]*)(?:;[^;,]*)*?;base64,/;

/** An address or a data: URL as a media source. */
export function mediaSource(url: string): MediaSource {
  // The pattern is looked for in the head alone: the rest may be megabytes.
  const head = DATA_URL.exec(url.slice(0, 200));
  if (head === null) return { type: "url", url };
  return { type: "base64", mediaType: head[1] || "application/octet-stream", data: url.slice(head[0].length) };
}

/** The source as an address: its own, or a data: URL. */
export function mediaUrl(source: MediaSource): string {
  return source.type === "url" ? source.url : `data:${source.mediaType};base64,${source.data}`;
}
