// Every URL in one table: which endpoint, or which other part of the house, a path belongs to.
import { splitDeployment } from "../core/deployment-path.ts";
import type { Endpoint } from "../core/endpoint.ts";
import { messagesEndpoint } from "../endpoints/anthropic/messages.ts";
import { chatEndpoint } from "../endpoints/openai/chat.ts";
import { completionsEndpoint } from "../endpoints/openai/completions.ts";
import { embeddingsEndpoint } from "../endpoints/openai/embeddings.ts";
import type { Place } from "../endpoints/openai/place.ts";
import { COMPAT_SUBTREES, OPENAI_OPERATIONS } from "./compat-routes.ts";
import { isSafePath } from "./safe-path.ts";

/**
 * `inference`: an endpoint; `operator`: guarded as management paths are, and only for who may manage. `control`: handed to the control plane; `admin` ones are guarded by Host and Origin, the
 * others follow the rules of inference. `base`: the root of a dialect, which clients only ask whether it is there.
 * `unsupported`: an operation we know and do not offer yet.
 */
export type Route =
  | {
      readonly type: "inference";
      readonly methods: readonly string[];
      readonly endpoint: Endpoint;
      readonly operator?: true;
    }
  | { readonly type: "control"; readonly methods: readonly string[] | null; readonly admin: boolean }
  | { readonly type: "health"; readonly methods: readonly string[] }
  | { readonly type: "base"; readonly methods: readonly string[] }
  | { readonly type: "unsupported"; readonly methods: null; readonly operation: string };

const POST = ["POST", "HEAD", "OPTIONS"];
const GET = ["GET", "HEAD", "OPTIONS"];

const exact = new Map<string, Route>();
/** Everything at and below these paths. */
const subtrees = new Map<string, Route>();

/** Everything behind a deployment in Azure's style. */
const deployed = new Map<string, Route>();

/** The operations of the OpenAI dialect, wherever they stand. */
function openaiRoutes(place: Place): readonly (readonly [string, Route])[] {
  return [
    ["chat/completions", { type: "inference", methods: POST, endpoint: chatEndpoint(place) }],
    ["completions", { type: "inference", methods: POST, endpoint: completionsEndpoint(place) }],
    ["embeddings", { type: "inference", methods: POST, endpoint: embeddingsEndpoint(place) }],
  ];
}

/** The unified routes and the spellings of the OpenAI drop-in. */
const OPENAI_ROOTS: readonly (readonly [string, boolean])[] = [
  ["/v1", true],
  ["/openai/v1", false],
  ["/openai", false],
  ["/openai/openai", false],
  ["/openai/openai/v1", false],
];

for (const [root, unified] of OPENAI_ROOTS) {
  exact.set(root, { type: "base", methods: ["HEAD", "OPTIONS"] });
  const place: Place = { extraFields: unified, ownProvider: unified ? null : "openai" };
  for (const [path, route] of openaiRoutes(place)) exact.set(`${root}/${path}`, route);
  exact.set(`${root}/models`, { type: "control", methods: GET, admin: false });
}
for (const [path, operation] of OPENAI_OPERATIONS)
  deployed.set(path, { type: "unsupported", methods: null, operation });
for (const [path, route] of openaiRoutes({ extraFields: false, ownProvider: "azure", model: "path" }))
  deployed.set(path, route);
for (const root of ["/anthropic", "/anthropic/v1"]) exact.set(root, { type: "base", methods: ["HEAD", "OPTIONS"] });
exact.set("/anthropic/v1/messages", { type: "inference", methods: POST, endpoint: messagesEndpoint() });
exact.set("/health", { type: "health", methods: GET });
/** The pages of the web UI; admin/ui-routes.ts answers them. */
const UI_PAGES = ["requests", "usage", "playground", "routing", "providers", "keys", "settings", "login", "_parts"];

const DOC_FILES = ["/docs", "/llms.txt", "/llms-full.txt", "/openapi.json", "/config.schema.json"];
for (const path of ["/", "/setup", "/metrics", "/ws", "/ui", "/favicon.ico", "/favicon.svg", ...DOC_FILES])
  exact.set(path, { type: "control", methods: GET, admin: true });

for (const path of [...UI_PAGES.map((name) => `/${name}`), "/docs", "/ui", "/assets"])
  subtrees.set(path, { type: "control", methods: GET, admin: true });
// the page's own way to a model: as any virtual key, by its id
exact.set("/api/playground/chat/completions", {
  type: "inference",
  methods: ["POST", "OPTIONS"],
  endpoint: chatEndpoint({ extraFields: true, ownProvider: null }),
  operator: true,
});
subtrees.set("/api", { type: "control", methods: null, admin: true });
// for whoever holds a virtual key, as a call for a model is
exact.set("/api/governance/virtual-keys/quota", { type: "control", methods: GET, admin: false });
for (const [path, operation] of COMPAT_SUBTREES) subtrees.set(path, { type: "unsupported", methods: null, operation });

/** No subtree begins deeper. */
const DEEPEST = 6;

/** The route of a path, or null: there is none. One look-up for the paths of the table. */
export function findRoute(path: string): Route | null {
  return exact.get(path) ?? findOther(path);
}

function findOther(path: string): Route | null {
  if (!isSafePath(path)) return null;
  if (path.length > 1 && path.endsWith("/")) {
    const route = exact.get(path.slice(0, -1));
    if (route !== undefined) return route;
  }
  const azure = splitDeployment(path);
  return azure === null ? findSubtree(path) : (deployed.get(azure.operation) ?? null);
}

/** The longest subtree that holds the path. */
function findSubtree(path: string): Route | null {
  let found: Route | null = null;
  let slash = path.indexOf("/", 1);
  for (let depth = 0; depth < DEEPEST; depth++) {
    const end = slash < 0 ? path.length : slash;
    found = subtrees.get(path.slice(0, end)) ?? found;
    if (slash < 0) break;
    slash = path.indexOf("/", slash + 1);
  }
  return found;
}

/** The paths that a person may have meant, for the answer to an unknown one. */
export const KNOWN_PATHS: readonly string[] = [...exact]
  .filter(([, route]) => route.type !== "base")
  .map(([path]) => path);
