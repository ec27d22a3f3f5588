// Looks through the tree of an expression before it is used: what it needs, and that it can never take long.

/** A node as the CEL library makes it. */
export interface AstNode {
  readonly op: string;
  /** Nodes, lists of them, names and values. */
  args: unknown;
  readonly start: number;
  readonly end: number;
}
export type CallNode = AstNode & { args: unknown[] };

/** Names that a condition must find. */
export interface Needed {
  /** Lower case. */
  readonly headers: readonly string[];
  readonly params: readonly string[];
  /** Variables and headers that must be equal to a text: most rules fail here. */
  readonly variables: readonly (readonly [name: string, text: string])[];
  readonly values: readonly (readonly [header: string, text: string])[];
}

/** An expression may take so many steps, as counted below. */
const MOST_STEPS = 20_000;
/** Lists of a request are cut off here, and texts when they are split. */
export const LONGEST_LIST = 256;
const PATTERN_STEPS = 50;
const LOOPS: ReadonlySet<string> = new Set(["all", "exists", "exists_one", "map", "filter"]);

function isNode(value: unknown): value is AstNode {
  return typeof value === "object" && value !== null && "op" in value;
}

/** Whether it calls this function of a value. */
export function isCallOf(node: AstNode, name: string): node is CallNode {
  return node.op === "rcall" && (node as CallNode).args[0] === name;
}

/** The nodes right below this one. */
export function childrenOf({ args }: AstNode): AstNode[] {
  if (isNode(args)) return [args];
  return Array.isArray(args) ? (args.flat(2) as unknown[]).filter(isNode) : [];
}

/**
 * Makes header names lower case and pattern calls ours, which are linear in time. Returns what forbids the expression, or
 * null.
 */
export function prepare(tree: AstNode): string | null {
  adapt(tree);
  if (holdsBind(tree)) return "cel.bind() is not known here";
  const steps = stepsOf(tree);
  return steps <= MOST_STEPS
    ? null
    : `the expression may take ${steps === Number.POSITIVE_INFINITY ? "any number of" : Math.round(steps)} steps, ${MOST_STEPS} at most are allowed: loops within loops multiply`;
}

function adapt(node: AstNode): void {
  if (node.op === "rcall") {
    const call = node as CallNode;
    if (call.args[0] === "matches") call.args[0] = "linearMatches";
  }
  const [container, name] = Array.isArray(node.args) ? (node.args as unknown[]) : [];
  if ((node.op === "[]" || node.op === "[?]") && isHeaders(container)) lower(name);
  if ((node.op === "." || node.op === ".?") && isHeaders(container) && typeof name === "string")
    (node as CallNode).args[1] = name.toLowerCase();
  if (node.op === "in" && isHeaders(name)) lower(container);
  for (const child of childrenOf(node)) adapt(child);
}

function isHeaders(value: unknown): boolean {
  return isNode(value) && value.op === "id" && value.args === "headers";
}

function lower(value: unknown): void {
  if (isNode(value) && value.op === "value" && typeof value.args === "string") value.args = value.args.toLowerCase();
}

function holdsBind(node: AstNode): boolean {
  if (isCallOf(node, "bind")) return true;
  return childrenOf(node).some(holdsBind);
}

/** The most steps that it takes: every node once, bodies of loops once for each element. */
function stepsOf(node: AstNode): number {
  const children = childrenOf(node);
  if (!isLoop(node)) {
    const own = isCallOf(node, "linearMatches") ? PATTERN_STEPS : 1;
    return children.reduce((sum, child) => sum + stepsOf(child), own);
  }
  const [list, ...body] = children as [AstNode, ...AstNode[]];
  return stepsOf(list) + longest(list) * body.reduce((sum, child) => sum + stepsOf(child), 1);
}

function isLoop(node: AstNode): node is CallNode {
  return node.op === "rcall" && LOOPS.has((node as CallNode).args[0] as string);
}

/** How many elements the list that a node gives may have. */
function longest(node: AstNode): number {
  if (node.op === "list") return Math.max(1, (node.args as unknown[]).length);
  if (isLoop(node)) return longest(node.args[1] as AstNode);
  if (node.op === "+" || node.op === "?:") return childrenOf(node).reduce((sum, child) => sum + longest(child), 0);
  if (isCallOf(node, "split")) return 16 * LONGEST_LIST;
  return LONGEST_LIST;
}

/** Where one of these stands, an absent name does not settle the outcome. */
const LENIENT: ReadonlySet<string> = new Set(["||", "?:", "&&", ".?", "[?]"]);

/** The headers and parameters whose absence makes the condition not hold, whatever else the request has. */
export function neededNames(tree: AstNode): Needed {
  const needed = { headers: new Set<string>(), params: new Set<string>() };
  const equal: Equal = { variables: [], values: [] };
  const collect = (node: AstNode, isTop: boolean): void => {
    if (LENIENT.has(node.op) && !(isTop && node.op === "&&")) return;
    if (isLoop(node) || (node.op === "call" && (node as CallNode).args[0] === "has")) return;
    note(node, needed);
    if (isTop && node.op === "==") noteEqual(node, equal);
    for (const child of childrenOf(node)) collect(child, isTop && node.op === "&&");
  };
  collect(tree, true);
  return { headers: [...needed.headers], params: [...needed.params], ...equal };
}

interface Equal {
  readonly variables: [string, string][];
  readonly values: [string, string][];
}

function noteEqual(node: AstNode, { variables, values }: Equal): void {
  const [left, right] = childrenOf(node) as [AstNode, AstNode];
  const [named, value] = left.op === "value" ? [right, left] : [left, right];
  if (value.op !== "value" || typeof value.args !== "string") return;
  if (named.op === "id" && typeof named.args === "string") variables.push([named.args, value.args]);
  const header = memberOf(named);
  if (header?.container === "headers") values.push([header.name, value.args]);
}

/** What `a.b` and `a["b"]` name. */
function memberOf(node: AstNode): { readonly container: unknown; readonly name: string } | null {
  if (node.op !== "[]" && node.op !== ".") return null;
  const [container, key] = node.args as [unknown, unknown];
  const name = node.op === "." ? key : isNode(key) && key.op === "value" ? key.args : undefined;
  return typeof name === "string" && isNode(container) && container.op === "id"
    ? { container: container.args, name }
    : null;
}

function note(node: AstNode, needed: { headers: Set<string>; params: Set<string> }): void {
  const member = memberOf(node);
  if (member?.container === "headers") needed.headers.add(member.name);
  if (member?.container === "params") needed.params.add(member.name);
}
