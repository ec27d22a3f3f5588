// How often a request lets the provider's own tools be called at most: what a budget that is never exceeded must know.

/** Tools that the caller runs: they cost tokens alone. */
const CALLERS_OWN: ReadonlySet<string> = new Set(["function", "custom"]);

interface ToolBody {
  readonly tools?: unknown;
  readonly max_tool_calls?: unknown;
  readonly web_search_options?: unknown;
}

/** Calls at most; null = it sets no bound. Only asked for requests under a hard budget: the body is parsed. */
export function mostToolCalls(body: Buffer): number | null {
  if (!body.includes('"tools"') && !body.includes('"web_search_options"')) return 0;
  const { tools, max_tool_calls: most, web_search_options: search } = parse(body);
  const limit = typeof most === "number" && Number.isInteger(most) && most >= 0 ? most : null;
  let sum = search === undefined || search === null ? 0 : 1;
  for (const tool of Array.isArray(tools) ? (tools as unknown[]) : []) {
    const uses = usesOf(tool);
    if (uses === null) return limit;
    sum += uses;
  }
  return limit === null ? sum : Math.min(limit, sum);
}

function parse(body: Buffer): ToolBody {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

function usesOf(tool: unknown): number | null {
  if (typeof tool !== "object" || tool === null) return 0;
  const { type, max_uses: uses, input_schema: schema } = tool as Record<string, unknown>;
  if (schema !== undefined || type === undefined || CALLERS_OWN.has(String(type))) return 0;
  return typeof uses === "number" && Number.isInteger(uses) && uses >= 0 ? uses : null;
}
