// The management routes that clients of Bifrost know and that this gateway does not have yet, so that each is named as such.

/** Method, or `*` for every one, and path; a star at the end stands for whatever follows, one within for a segment. */
const LATER: readonly string[] = [
  "* /api/mcp-logs",
  "* /api/mcp-logs/*",
  "* /api/plugins",
  "* /api/plugins/*",
  "* /api/cache/*",
  "* /api/mcp/*",
  "* /api/oauth/*",
  "* /api/prompt-repo/*",
  "* /api/webhooks",
  "* /api/webhooks/*",
  "* /api/skills",
  "* /api/skills/*",
  "* /api/users",
  "* /api/users/*",
  "* /api/roles/*",
  "* /api/permissions",
  "* /api/access-profiles",
  "* /api/access-profiles/*",
  "* /api/audit-logs",
  "* /api/audit-logs/*",
  "* /api/circuit-breaker/*",
  "* /api/vault/*",
  "* /api/dev/*",
  "GET /ui",
  "GET /ui/*",
];

const PATTERNS = LATER.map((entry) => {
  const [method = "", path = ""] = entry.split(" ");
  const [stem = "", rest = ""] = path.replace(/\*$/, "").split("*");
  const inner = rest === "" ? "" : `[^/]+${escaped(rest)}`;
  return { method, path, shape: new RegExp(`^${escaped(stem)}${inner}${path.endsWith("*") ? "" : "$"}`) };
});

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\-]/g, "\\$&");
}

/** How the route is called, or null when it is none that we know of. */
export function laterRoute(method: string, path: string): string | null {
  for (const pattern of PATTERNS) {
    if (pattern.method !== "*" && pattern.method !== method) continue;
    if (pattern.shape.test(path)) return `${method} ${pattern.path}`;
  }
  return null;
}
