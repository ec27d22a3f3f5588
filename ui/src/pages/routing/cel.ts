// The builder of conditions: and/or groups as the text of an expression, and such text as groups again.

export type Join = "and" | "or";

/** One comparison: `headers["x-tier"] == "gold"`. */
export interface Comparison {
  readonly type: "rule";
  /** A variable, or `headers` and `params` with a name. */
  readonly field: string;
  /** Of headers and params. */
  readonly name: string;
  readonly operator: Operator;
  readonly value: string;
}

export interface Group {
  readonly type: "group";
  readonly join: Join;
  readonly items: readonly Item[];
}

export type Item = Comparison | Group;

export const EMPTY: Group = { type: "group", join: "and", items: [] };

export type Operator =
  | "=="
  | "!="
  | ">"
  | ">="
  | "<"
  | "<="
  | "contains"
  | "startsWith"
  | "endsWith"
  | "matches"
  | "in"
  | "exists";

export interface FieldKind {
  readonly field: string;
  readonly label: string;
  readonly kind: "text" | "percent" | "map" | "values";
}

export const FIELDS: readonly FieldKind[] = [
  { field: "model", label: "Model", kind: "text" },
  { field: "provider", label: "Provider", kind: "text" },
  { field: "request_type", label: "Kind of request", kind: "text" },
  { field: "headers", label: "Header", kind: "map" },
  { field: "params", label: "Parameter", kind: "values" },
  { field: "complexity_tier", label: "Complexity", kind: "text" },
  { field: "budget_used", label: "Budget used, %", kind: "percent" },
  { field: "tokens_used", label: "Token limit used, %", kind: "percent" },
  { field: "request", label: "Request limit used, %", kind: "percent" },
  { field: "virtual_key_name", label: "Virtual key", kind: "text" },
  { field: "virtual_key_id", label: "Virtual key’s id", kind: "text" },
  { field: "team_name", label: "Team", kind: "text" },
  { field: "team_id", label: "Team’s id", kind: "text" },
  { field: "customer_name", label: "Customer", kind: "text" },
  { field: "customer_id", label: "Customer’s id", kind: "text" },
];

const KINDS = new Map(FIELDS.map(({ field, kind }) => [field, kind]));
const WORDS: readonly Operator[] = ["==", "!=", "contains", "startsWith", "endsWith", "matches", "in"];
const SIGNS: readonly Operator[] = ["==", "!=", ">", ">=", "<", "<="];

/** What a field can be compared by. */
export function operatorsOf(field: string): readonly Operator[] {
  const kind = KINDS.get(field);
  if (kind === "percent") return SIGNS;
  if (kind === "map") return [...WORDS, "exists"];
  return kind === "values" ? [...SIGNS, "contains", "startsWith", "endsWith", "in", "exists"] : WORDS;
}

export const OPERATOR_WORDS: Readonly<Record<Operator, string>> = {
  "==": "is",
  "!=": "is not",
  ">": "above",
  ">=": "at least",
  "<": "below",
  "<=": "at most",
  contains: "contains",
  startsWith: "begins with",
  endsWith: "ends with",
  matches: "matches pattern",
  in: "is one of",
  exists: "is there",
};

/** The text of an expression; empty = every request. */
export function toCel(group: Group): string {
  const parts = group.items.flatMap((item) => {
    const text = item.type === "group" ? toCel(item) : comparisonText(item);
    if (text === "") return [];
    return item.type === "group" && item.items.length > 1 && group.items.length > 1 ? [`(${text})`] : [text];
  });
  return parts.join(group.join === "and" ? " && " : " || ");
}

function comparisonText(item: Comparison): string {
  const kind = KINDS.get(item.field) ?? "text";
  const isMap = kind === "map" || kind === "values";
  const subject = isMap ? `${item.field}[${JSON.stringify(item.name)}]` : item.field;
  const literal = (value: string) => literalText(value, kind);
  switch (item.operator) {
    case "exists":
      return `${JSON.stringify(item.name)} in ${item.field}`;
    case "in":
      return `${subject} in [${listOf(item.value).map(literal).join(", ")}]`;
    case "contains":
    case "startsWith":
    case "endsWith":
    case "matches":
      return `${subject}.${item.operator}(${JSON.stringify(item.value)})`;
    default:
      return `${subject} ${item.operator} ${literal(item.value)}`;
  }
}

function listOf(value: string): string[] {
  return value
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** Parameters are of any type: what looks like a number or a switch is one. */
function literalText(value: string, kind: FieldKind["kind"]): string {
  if (kind === "percent") return Number.isFinite(Number(value)) && value.trim() !== "" ? value.trim() : "0";
  if (kind === "values" && /^(true|false|-?\d+(\.\d+)?)$/.test(value.trim())) return value.trim();
  return JSON.stringify(value);
}

/** The groups of an expression; null: it says more than the builder can show. */
export function fromCel(text: string): Group | null {
  if (text.trim() === "") return EMPTY;
  const tokens = tokensOf(text);
  if (tokens === null) return null;
  const reader = new Reader(tokens);
  const item = reader.either();
  if (item === null || !reader.isAtEnd) return null;
  return item.type === "group" ? item : { type: "group", join: "and", items: [item] };
}

const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*")|('(?:[^'\\]|\\.)*')|(-?\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(&&|\|\||[=!<>]=|[<>()[\],.]))/y;

function tokensOf(text: string): string[] | null {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const found = TOKEN.exec(text);
    if (found === null) return null;
    const single = found[2];
    if (single?.includes('"') === true) return null;
    tokens.push(single === undefined ? (found[0] as string).trim() : `"${single.slice(1, -1).replaceAll("\\'", "'")}"`);
  }
  return tokens;
}

/** Reads the few forms that the builder writes. */
class Reader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }

  #next(): string {
    return this.#tokens[this.#at++] ?? "";
  }

  either(): Item | null {
    return this.#joined("or", "||", () => this.#joined("and", "&&", () => this.#one()));
  }

  #joined(join: Join, sign: string, read: () => Item | null): Item | null {
    const items: Item[] = [];
    do {
      const item = read();
      if (item === null) return null;
      items.push(item);
    } while (this.#take(sign));
    return items.length === 1 ? (items[0] as Item) : { type: "group", join, items };
  }

  #one(): Item | null {
    if (!this.#take("(")) return this.#comparison();
    const item = this.either();
    return item !== null && this.#take(")") ? item : null;
  }

  #comparison(): Comparison | null {
    const first = this.#next();
    const quoted = textOf(first);
    if (quoted !== null) {
      const field = this.#take("in") ? this.#next() : "";
      return isMapField(field) ? made(field, quoted, "exists", "") : null;
    }
    if (!KINDS.has(first)) return null;
    const name = isMapField(first) ? this.#name() : "";
    if (name === null) return null;
    const sign = this.#next();
    if (sign === ".") return this.#call(first, name);
    if (sign === "in") return this.#list(first, name);
    if (!SIGNS.includes(sign as Operator) || !operatorsOf(first).includes(sign as Operator)) return null;
    const value = this.#literal();
    return value === null ? null : made(first, name, sign as Operator, value);
  }

  #name(): string | null {
    if (!this.#take("[")) return null;
    const name = textOf(this.#next());
    return this.#take("]") ? name : null;
  }

  #call(field: string, name: string): Comparison | null {
    const operator = this.#next() as Operator;
    if (!["contains", "startsWith", "endsWith", "matches"].includes(operator) || !this.#take("(")) return null;
    const value = textOf(this.#next());
    return value !== null && this.#take(")") ? made(field, name, operator, value) : null;
  }

  #list(field: string, name: string): Comparison | null {
    if (!this.#take("[")) return null;
    const values: string[] = [];
    do {
      const value = this.#literal();
      if (value === null || value.includes(",")) return null;
      values.push(value);
    } while (this.#take(","));
    return this.#take("]") ? made(field, name, "in", values.join(", ")) : null;
  }

  #literal(): string | null {
    const token = this.#next();
    return /^(true|false|-?\d+(\.\d+)?)$/.test(token) ? token : textOf(token);
  }
}

function made(field: string, name: string, operator: Operator, value: string): Comparison {
  return { type: "rule", field, name, operator, value };
}

function isMapField(field: string): boolean {
  return KINDS.get(field) === "map" || KINDS.get(field) === "values";
}

function textOf(token: string): string | null {
  if (!token.startsWith('"')) return null;
  try {
    return JSON.parse(token) as string;
  } catch {
    return null;
  }
}

/** A comparison to begin with. */
export function freshComparison(): Comparison {
  return made("model", "", "==", "");
}

/** The tree that was kept with a rule, when it still says what the expression says. */
export function keptTree(query: unknown, expression: string): Group | null {
  const kept = isGroup(query) && toCel(query) === expression.trim() ? query : null;
  return kept ?? fromCel(expression);
}

function isGroup(value: unknown): value is Group {
  if (typeof value !== "object" || value === null) return false;
  const { type, join, items } = value as Partial<Group>;
  return type === "group" && (join === "and" || join === "or") && Array.isArray(items) && items.every(isItem);
}

function isItem(value: unknown): boolean {
  if (isGroup(value)) return true;
  const { type, field, name, operator, value: text } = (value ?? {}) as Partial<Comparison>;
  return (
    type === "rule" &&
    KINDS.has(field ?? "") &&
    typeof name === "string" &&
    typeof text === "string" &&
    operatorsOf(field ?? "").includes(operator as Operator)
  );
}
