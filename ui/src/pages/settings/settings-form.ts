// What a form of settings does without a screen: drafts as text, what they become, which fields are meant by a search.

export type Value = null | boolean | number | string | readonly Value[] | { readonly [name: string]: Value };

/** Where a value is from, as the API tells it. */
export interface SettingOrigin {
  readonly type: "default" | "file" | "env" | "saved";
  readonly file?: string;
  readonly line?: number;
  readonly variable?: string;
}

/** One row of GET /api/settings. */
export interface Setting {
  readonly path: string;
  readonly section: string;
  readonly title: string;
  readonly description: string;
  readonly type: string;
  readonly enum?: readonly Value[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default: Value;
  readonly value: Value;
  readonly origin: SettingOrigin;
  /** The file alone has it; line 0: it is not written there yet. */
  readonly locked?: { readonly file: string; readonly line: number };
  readonly restart_required?: boolean;
  readonly unit?: string;
}

export interface SettingsAnswer {
  readonly sections: readonly { readonly id: string; readonly title: string }[];
  readonly settings: readonly Setting[];
}

/** What is typed, by path. A draft that says what holds is none. */
export type Drafts = Readonly<Record<string, string>>;

const SECTION_OF: readonly (readonly [RegExp, string])[] = [
  [
    /^client\.(?:enable_logging|disable_content_logging|content_level|log_|logging_|allow_per_request_content)/,
    "record",
  ],
  [/^client\./, "requests"],
  [/^(?:framework\.pricing\.|governance\.unpriced_models$)/, "prices"],
  [/^governance\.alerts\./, "alerts"],
  [/^auth_config\./, "security"],
  [/^(?:server|config_store|logs_store)\./, "stores"],
];

/** The section of the page that a setting stands in. */
export function sectionOf(path: string): string {
  return SECTION_OF.find(([pattern]) => pattern.test(path))?.[1] ?? "requests";
}

/** A value as it stands in its control. */
export function textOf(value: Value): string {
  if (value === null) return "";
  if (Array.isArray(value))
    return value.map((entry) => (typeof entry === "string" ? entry : JSON.stringify(entry))).join("\n");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** What a control holds, as the API takes it. Nothing = back to the default. */
export function valueOf({ type }: Pick<Setting, "type">, text: string): Value {
  const clean = text.trim();
  if (type === "boolean") return clean === "true";
  if (type === "list")
    return text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
  if (clean === "") return null;
  const isNumber = /integer|number/.test(type) && /^-?\d+(?:\.\d+)?$/.test(clean);
  // what is no number goes as it is: the gateway says what is wrong with it
  return isNumber ? Number(clean) : clean;
}

/** Members by paths as the object of config.json that has them. */
export function nested(members: Readonly<Record<string, Value>>): Record<string, Value> {
  const result: Record<string, Value> = {};
  for (const [path, value] of Object.entries(members)) {
    const names = path.split(".");
    let at = result;
    for (const name of names.slice(0, -1)) {
      at[name] ??= {};
      at = at[name] as Record<string, Value>;
    }
    at[names.at(-1) as string] = value;
  }
  return result;
}

/** The text to write into the file so that a locked setting has this value. */
export function patchText(setting: Pick<Setting, "path" | "type">, text: string): string {
  return JSON.stringify(nested({ [setting.path]: valueOf(setting, text) }), null, 2);
}

/** The body of PATCH /api/settings: what can be changed here. */
export function changesOf(settings: readonly Setting[], drafts: Drafts): Record<string, Value> {
  const changed = settings.filter(({ path, locked }) => locked === undefined && path in drafts);
  return Object.fromEntries(changed.map((setting) => [setting.path, wanted(setting, drafts[setting.path] ?? "")]));
}

/** Null takes a setting back to its default, so that it is nobody's any more. */
function wanted(setting: Setting, text: string): Value {
  return text === textOf(setting.default) ? null : valueOf(setting, text);
}

/** `drafts` with `text` for a setting; a text that is what holds takes the draft away. */
export function withDraft(drafts: Drafts, setting: Setting, text: string): Drafts {
  const { [setting.path]: _, ...others } = drafts;
  const isSame = setting.type !== "secret" && text === textOf(setting.value);
  return isSame ? others : { ...others, [setting.path]: text };
}

/** Whether every word of `query` is somewhere in the setting's names and words. */
export function isMeant(query: string, ...texts: readonly string[]): boolean {
  const all = texts.join(" ").toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

/** `config.json:14`, a variable's name; absent for the others. */
export function originDetail({ type, file, line, variable }: SettingOrigin): string | undefined {
  if (type === "file") return line === undefined || line === 0 ? file : `${file}:${line}`;
  return type === "env" ? variable : undefined;
}

/** The default in words. */
export function defaultWords({ default: standard, unit, type }: Pick<Setting, "default" | "unit" | "type">): string {
  if (standard === null || standard === "" || (Array.isArray(standard) && standard.length === 0)) return "nothing";
  if (type === "boolean") return standard === true ? "on" : "off";
  const text = textOf(standard).replaceAll("\n", ", ");
  return unit === undefined ? text : `${text} ${unit}`;
}
