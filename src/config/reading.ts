// What every part of the loader needs while one file is read, and how single values are read: secrets, addresses, lists, names.
import { hash } from "node:crypto";
import type { ProviderRegistry } from "../core/provider.ts";
import type { ConfigDocument } from "./document.ts";
import { quoted } from "./texts.ts";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The state of one load. */
export interface Reading {
  readonly document: ConfigDocument;
  readonly environment: Environment;
  readonly registry: ProviderRegistry;
  /** `version: 1`: an empty list means everything. */
  readonly emptyMeansAll: boolean;
  /** What is wrong with the prices of an override, naming the member; null = nothing. Absent: they are not looked at. */
  readonly patchProblem?: ((patch: Readonly<Record<string, unknown>>) => string | null) | undefined;
  /** Why an expression of a routing rule does not compile, for people; null = it does. Absent: they are not looked at. */
  readonly expressionProblem?: ((text: string) => string | null) | undefined;
  /** Ids that limits were given in the file → where; absent: they are not compared. */
  readonly limitIds?: Map<string, number>;
  /** Only findings are asked for: ids of limits need not be made. */
  readonly checksOnly?: boolean;
}

/** A text after the environment was asked. */
export type Resolved =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "unset"; readonly variable: string }
  /** The variable holds `env.OTHER` in its turn: it is not followed, so that no circle can be made. */
  | { readonly type: "reference"; readonly variable: string }
  | { readonly type: "vault" };

type SecretConfig = string | { value?: string; ref?: string; type?: string; env_var?: string; from_env?: boolean };

/** The bare text of a secret in either form: `env.NAME` for the object forms that name a variable. */
function bareText(secret: SecretConfig): string {
  if (typeof secret === "string") return secret;
  const reference = secret.ref ?? secret.env_var ?? "";
  if ((secret.from_env === true || secret.type === "env") && reference !== "") {
    return reference.startsWith("env.") ? reference : `env.${reference}`;
  }
  if (secret.type === "vault") return `vault.${reference.replace(/^vault\./, "")}`;
  return secret.value ?? "";
}

/** Reads `env.NAME`; what comes from a variable loses the line end that files and shells leave behind it. */
export function resolve(secret: SecretConfig, environment: Environment): Resolved {
  const bare = bareText(secret);
  const variable = /^env\.(.+)$/.exec(bare)?.[1];
  if (variable !== undefined) {
    const text = environment[variable]?.trim();
    if (text === undefined || text === "") return { type: "unset", variable };
    return /^env\.\w+$/.test(text) ? { type: "reference", variable } : { type: "text", text };
  }
  // `vault.path#field`: the mark in the middle keeps a secret that merely begins so
  return /^vault\.[^#]+#/.test(bare) ? { type: "vault" } : { type: "text", text: bare };
}

/** A text that must be there once it is named: an unset variable refuses. Undefined when it is absent, empty or refused. */
export function resolveOrRefuse(
  reading: Reading,
  owner: object,
  member: string,
  secret: SecretConfig | undefined,
  path: string,
): string | undefined {
  if (secret === undefined) return undefined;
  const resolved = resolve(secret, reading.environment);
  if (resolved.type === "text") return resolved.text === "" ? undefined : resolved.text;
  const { code, problem, remedy } = unresolved(resolved);
  reading.document.refuse(reading.document.at(owner, member), code, `${path}: ${problem}`, {
    remedy: resolved.type === "unset" ? `Set ${resolved.variable}, or remove the member.` : remedy,
  });
  return undefined;
}

interface Unresolved {
  readonly code: "unset-variable" | "reference" | "not-supported-yet";
  readonly problem: string;
  readonly remedy: string;
}

/** Why there is no text, and what to do, for messages. */
export function unresolved(resolved: Exclude<Resolved, { type: "text" }>): Unresolved {
  switch (resolved.type) {
    case "unset":
      return {
        code: "unset-variable",
        problem: `the environment variable ${resolved.variable} is not set`,
        remedy: `Set ${resolved.variable} and start again.`,
      };
    case "reference":
      return {
        code: "reference",
        problem: `the environment variable ${resolved.variable} holds "env.…", which is not followed`,
        remedy: `Put the value itself into ${resolved.variable}, or name the other variable here.`,
      };
    case "vault":
      return {
        code: "not-supported-yet",
        problem: "vault references are not supported yet",
        remedy: 'Use "env.NAME" instead.',
      };
  }
}

/** An http(s) address without trailing slash; undefined after refusing it. */
export function readAddress(
  reading: Reading,
  owner: object,
  member: string,
  address: string | undefined,
  path: string,
): string | undefined {
  const text = resolveOrRefuse(reading, owner, member, address, path);
  if (text === undefined) return undefined;
  return checkAddress(reading, owner, member, text, path);
}

/** The address, which stands in `member`, without trailing slash; undefined after refusing it. */
export function checkAddress(
  reading: Reading,
  owner: object,
  member: string,
  text: string,
  path: string,
): string | undefined {
  const url = URL.parse(text);
  const problem = addressProblem(url);
  if (problem === null) return text.replace(/\/+$/, "");
  reading.document.refuse(reading.document.at(owner, member), "wrong-value", `${path}: ${problem}`, {
    expected: "an address such as https://host or http://host:8000/prefix",
  });
  return undefined;
}

function addressProblem(url: URL | null): string | null {
  if (url === null) return "this is not an address";
  if (url.protocol !== "http:" && url.protocol !== "https:") return "the address must begin with http:// or https://";
  if (url.username !== "" || url.password !== "")
    return "the address holds a user name or password; give credentials as a key or a header";
  if (url.search !== "" || url.hash !== "") return "the address may have a path, but no query and no fragment";
  return null;
}

/**
 * A list of allowed names: null = everything. Absent and `["*"]` mean everything, an empty one nothing (version 1:
 * everything). Names that repeat are told and counted once.
 */
export function readAllowList(
  reading: Reading,
  owner: object,
  member: string,
  names: readonly string[] | undefined,
  path: string,
): string[] | null {
  if (names === undefined) return null;
  if (names.length === 0) return reading.emptyMeansAll ? null : [];
  if (names.includes("*")) {
    if (names.length > 1) {
      reading.document.refuse(reading.document.at(owner, member), "wrong-value", `${path} mixes "*" with names`, {
        expected: '["*"] for all, or names',
      });
    }
    return null;
  }
  return withoutRepeats(reading, names, path);
}

const NO_NAMES: string[] = [];

/** Each name once; an empty or repeated one is told. Undefined items were refused before. */
export function withoutRepeats(reading: Reading, names: readonly (string | undefined)[], path: string): string[] {
  if (names.length === 0) return NO_NAMES;
  const seen = new Set<string>();
  for (const [index, name] of names.entries()) {
    if (name === undefined) continue;
    if (name === "")
      reading.document.refuse(reading.document.at(names, index), "wrong-value", `${path} holds an empty name`);
    else if (seen.has(name))
      reading.document.warn(reading.document.at(names, index), "duplicate", `${path} names ${quoted(name)} twice`);
    else seen.add(name);
  }
  // a list without a fault is taken as it is: there may be many
  return seen.size === names.length ? (names as string[]) : [...seen];
}

/** Of the words asked for last: a key's own id is asked for by who checks it and by who makes it. */
let lastId = { words: "", id: "" };

/** A stable UUID for an entity that has none: the same name gives the same id at every start. */
export function stableId(...words: readonly string[]): string {
  const text = JSON.stringify(words);
  if (text === lastId.words) return lastId.id;
  const hex = hash("sha256", text, "hex");
  // version 8: made by a rule of our own
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  // looking into a text that was put together makes it one piece, a tenth as large: ids are kept by the hundred thousand
  id.charCodeAt(0);
  lastId = { words: text, id };
  return id;
}

/** A record without prototype, so that no name means anything by itself. */
export function plainRecord<V>(entries: Iterable<readonly [string, V]>): Record<string, V> {
  const record = Object.create(null) as Record<string, V>;
  for (const [name, value] of entries) record[name] = value;
  return record;
}
