// A key of a provider while it is written: whose it may be, and back to what the API takes.
import type { KeyFieldKind, KeyShown, ProviderType, SecretShown } from "./types.ts";

/** Texts as they are typed. `fields`: what the type of the provider asks for, by its dotted name. */
export interface KeyDraft {
  /** Null: a new one. */
  readonly id: string | null;
  readonly name: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly weight: string;
  /** Comma list; empty = all. */
  readonly models: string;
  readonly blocked: string;
  /** `asked = at the provider`, one a line. */
  readonly aliases: string;
  readonly enabled: boolean;
}

export function freshKey(name: string): KeyDraft {
  return { id: null, name, fields: {}, weight: "1", models: "", blocked: "", aliases: "", enabled: true };
}

export function draftOfKey(key: KeyShown, kinds: readonly KeyFieldKind[]): KeyDraft {
  const fields = kinds.filter(({ name }) => name !== "aliases").map(({ name }) => [name, shownText(at(key, name))]);
  return {
    id: key.id,
    name: key.name,
    fields: { ...(Object.fromEntries(fields) as Record<string, string>), value: shownText(key.value) },
    weight: String(key.weight),
    models: key.models.length === 1 && key.models[0] === "*" ? "" : key.models.join(", "),
    blocked: key.blacklisted_models.join(", "),
    aliases: Object.entries(key.aliases)
      .map(([asked, target]) => `${asked} = ${typeof target === "string" ? target : JSON.stringify(target)}`)
      .join("\n"),
    enabled: key.enabled,
  };
}

/** A reference as it is written, else the mask, which keeps the secret when it comes back. */
function shownText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return "";
  const { env_var: reference, value: text } = value as Partial<SecretShown>;
  return reference !== undefined && reference !== "" ? reference : (text ?? "");
}

function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((inner, name) => (inner as Record<string, unknown> | null | undefined)?.[name], value);
}

/** The body that makes or changes the key. `shown`: the key that is changed; members that the form has not stay. */
export function keyBody(draft: KeyDraft, shown?: KeyShown): Record<string, unknown> {
  const body: Record<string, unknown> = {
    ...shown,
    name: draft.name.trim(),
    weight: draft.weight.trim() === "" ? 1 : asNumber(draft.weight),
    models: draft.models.trim() === "" ? ["*"] : listOf(draft.models),
    blacklisted_models: listOf(draft.blocked),
    aliases: aliasesOf(draft.aliases),
    enabled: draft.enabled,
  };
  for (const [path, text] of Object.entries(draft.fields))
    if (text !== "" || shown !== undefined) put(body, path, text);
  return body;
}

function asNumber(text: string): number | string {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}

function put(body: Record<string, unknown>, path: string, text: string): void {
  const names = path.split(".");
  const last = names.pop() as string;
  let inner = body;
  for (const name of names) {
    const before = inner[name];
    inner = inner[name] = { ...(typeof before === "object" && before !== null ? before : {}) } as Record<
      string,
      unknown
    >;
  }
  // what was not changed goes back as it came: the gateway knows its own masks
  if (text !== shownText(inner[last])) inner[last] = text;
}

export function listOf(text: string): string[] {
  return [...new Set(text.split(/[,\n]/).map((part) => part.trim()))].filter((part) => part !== "");
}

function aliasesOf(text: string): Record<string, unknown> {
  const pairs = text.split("\n").flatMap((line) => {
    const sign = line.indexOf("=");
    if (sign <= 0) return [];
    return [[line.slice(0, sign).trim(), aliasOf(line.slice(sign + 1).trim())] as const];
  });
  return Object.fromEntries(pairs);
}

function aliasOf(text: string): unknown {
  if (!text.startsWith("{")) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A line of aliases that says nothing; undefined: all do. */
export function wrongAlias(text: string): string | undefined {
  return text.split("\n").find((line) => line.trim() !== "" && line.indexOf("=") <= 0);
}

/** Types whose keys begin so, the longest beginning first: one = recognised, more = the person chooses, none = not known. */
export function recognise(key: string, types: readonly ProviderType[]): ProviderType[] {
  const text = key.trim();
  const fits = types
    .map((type) => ({
      type,
      length: Math.max(0, ...type.key_prefixes.filter((start) => text.startsWith(start)).map((start) => start.length)),
    }))
    .filter(({ length }) => length > 0);
  const longest = Math.max(0, ...fits.map(({ length }) => length));
  return fits.filter(({ length }) => length === longest).map(({ type }) => type);
}

/** `main`, else `key-2` and so on: a name that is not taken. */
export function freeName(names: readonly string[]): string {
  if (!names.includes("main")) return "main";
  for (let count = 2; ; count++) if (!names.includes(`key-${count}`)) return `key-${count}`;
}
