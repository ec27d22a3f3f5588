// The settings with their values and where each comes from: a default, a line of the file, a variable, or a change that was saved.
import { configSchema } from "../config/schema/config.ts";
import type { Shape } from "../config/validate.ts";
import type { ItemFacts } from "../core/config-book.ts";
import type { FileView } from "../core/config-desk.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import type { AdminHouse } from "./house.ts";
import { isObject, own, sameJson } from "./restore-shown.ts";
import { withMasked } from "./secret-places.ts";
import { defaultOf, type Field, fieldsOf, SECTIONS, titleOf, typeOf, unitOf } from "./settings-fields.ts";

/** Sections that the file alone has: they are read at a start. */
const FILE_ALONE: ReadonlySet<string> = new Set(["server", "config_store", "logs_store"]);
/** Stands for a password that is set. */
const REDACTED = "<redacted>";
const ENFORCE = ["enforce_auth_on_inference", "enforce_governance_header", "enforce_scim_auth"];

export interface Origin {
  readonly type: "default" | "file" | "env" | "saved";
  readonly file?: string;
  readonly line?: number;
  readonly variable?: string;
}

/** Where a member is locked to. */
export interface Lock {
  readonly file: string;
  /** 0 = it is not written there yet. */
  readonly line: number;
}

export const FIELDS: readonly Field[] = fieldsOf((configSchema as Shape).properties ?? {});

export function showSettings(house: AdminHouse): object {
  const file = house.desk().file();
  const settings = FIELDS.map((field) => showField(house, field, file));
  const used = new Set(FIELDS.map(({ section }) => section));
  return {
    sections: SECTIONS.filter(([id]) => used.has(id)).map(([id, title]) => ({ id, title })),
    settings,
  };
}

function showField(house: AdminHouse, field: Field, file: FileView | null): object {
  const { path, section, shape } = field;
  const name = path.at(-1) as string;
  const { description = "" } = shape as { readonly description?: string };
  const written = writtenValue(house, path, file);
  const lock = lockOf(path, file);
  const unit = unitOf(name, description);
  const { minimum, maximum } = shape as { readonly minimum?: number; readonly maximum?: number };
  const standard = defaultOf(shape);
  return {
    path: path.join("."),
    section,
    title: titleOf(name),
    description,
    type: typeOf(shape),
    ...(shape.enum === undefined ? {} : { enum: [...shape.enum] }),
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
    default: standard,
    value: written === undefined ? standard : hidden(shape, written),
    origin: originOf(house, path, written, file),
    ...(lock === null ? {} : { locked: lock }),
    ...(FILE_ALONE.has(section) ? { restart_required: true } : {}),
    ...(unit === undefined ? {} : { unit }),
  };
}

/** A reference says what it is; a secret says only that it is there. */
function hidden(shape: Shape, value: JsonValue): JsonValue {
  if (shape.secret !== true || value === "") return value;
  return typeof value === "string" && value.startsWith("env.") ? value : REDACTED;
}

/** As it is in force; undefined = nobody wrote it. */
function writtenValue(house: AdminHouse, path: readonly string[], file: FileView | null): JsonValue | undefined {
  const [block = "", ...rest] = path;
  if (FILE_ALONE.has(block)) return file?.valueOf(path);
  const body = bodyOf(house.book.block(block));
  if (block === "client" && rest[0] === ENFORCE[0]) {
    const found = ENFORCE.filter((name) => own(body, name) !== undefined);
    return found.length === 0 ? undefined : found.some((name) => own(body, name) === true);
  }
  return valueAt(body, rest);
}

function bodyOf(item: ItemFacts | undefined): JsonObject {
  return item === undefined ? {} : withMasked(item);
}

function valueAt(body: JsonObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = body;
  for (const name of path) value = isObject(value) ? own(value, name) : undefined;
  return value;
}

function originOf(
  house: AdminHouse,
  path: readonly string[],
  written: JsonValue | undefined,
  file: FileView | null,
): Origin {
  if (written === undefined) return { type: "default" };
  if (typeof written === "string" && written.startsWith("env.")) return { type: "env", variable: written.slice(4) };
  const [block = ""] = path;
  const item = house.book.block(block);
  if (file === null || (item === undefined && !FILE_ALONE.has(block))) return { type: "saved" };
  const line = file.lineOf(path);
  const isFiles = FILE_ALONE.has(block) || item?.source.type === "file" || isSameInFile(file, path, written);
  return isFiles && line > 0 ? { type: "file", file: file.label, line } : { type: "saved" };
}

/** A block that was saved holds what it took over from the file too. */
function isSameInFile(file: FileView, path: readonly string[], written: JsonValue): boolean {
  const value = file.valueOf(path);
  return value !== undefined && sameJson(value, written);
}

/** null: it can be changed here. */
export function lockOf(path: readonly string[], file: FileView | null): Lock | null {
  const [block = ""] = path;
  if (FILE_ALONE.has(block)) return { file: file?.label ?? "config.json", line: file?.lineOf(path) ?? 0 };
  return file?.rulesAlone === true ? { file: file.label, line: file.lineOf(path) } : null;
}
