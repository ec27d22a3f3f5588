// Finds the route of a management request, checks what it demands, and tells apart what is wrong, missing or not there yet.
import { GatewayError } from "../core/errors.ts";
import type { Caller } from "../core/login.ts";
import {
  errorAnswer,
  type PlaneAnswer,
  type PlaneHandler,
  type PlaneRequest,
} from "../lib/channel/bridge-responder.ts";
import { nearestName } from "../lib/nearest.ts";
import type { AuditTrail } from "./audit-trail.ts";
import { type Access, authorise, BY_PLACE, type Demand } from "./authorise.ts";
import { laterRoute } from "./later-routes.ts";

export interface Route {
  /** HEAD is answered as GET. */
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `/api/logs/{id}`: a name in braces stands for one segment. */
  readonly path: string;
  readonly demands: Demand;
  handle(request: PlaneRequest, parameters: Readonly<Record<string, string>>): PlaneAnswer | Promise<PlaneAnswer>;
  /** Whether it leaves a row in the audit. Absent: it does when it demands `write` or `setup`. */
  readonly audited?: boolean;
  /** Shown in place of an error to a caller who may not have it: pages for people. */
  readonly closed?: (request: PlaneRequest, caller: Caller) => PlaneAnswer;
}

/** The handler of a plane: its routes, and a clear answer to everything else. `access` tells who calls. */
export function createRouter(
  routes: readonly Route[],
  access: Access = BY_PLACE,
  audit: AuditTrail | null = null,
): PlaneHandler {
  const compiled = routes.map((route) => ({ route, segments: route.path.split("/") }));
  return async (request) => {
    const segments = request.path.split("/");
    const method = request.method === "HEAD" ? "GET" : request.method;
    const others: Route[] = [];
    for (const { route, segments: pattern } of compiled) {
      const parameters = matchPath(pattern, segments);
      // A name in braces does not swallow a route that has a name of its own and is not there yet.
      const isNamed = Object.keys(parameters ?? {}).length > 0;
      if (parameters === null || (isNamed && laterRoute(method, request.path) !== null)) continue;
      if (route.method === method) return await answerRoute(route, request, parameters, { access, audit });
      others.push(route);
    }
    // who may not read learns not even which routes there are
    if (isHidden(request.path) && !others.some((route) => route.demands === "open"))
      authorise("read", await access.caller(request));
    return others.length > 0 ? wrongMethod(request, others) : missing(request, method, routes);
  };
}

/** Pages and their parts are nobody's secret, nor is where providers send people back to. */
function isHidden(path: string): boolean {
  return (path.startsWith("/api") && path !== "/api/oauth/callback") || path === "/ws" || path === "/metrics";
}

async function answerRoute(
  route: Route,
  request: PlaneRequest,
  parameters: Record<string, string>,
  { access, audit }: { readonly access: Access; readonly audit: AuditTrail | null },
): Promise<PlaneAnswer> {
  const handle = () => route.handle(request, parameters);
  // an open route answers also him who is slowed down
  if (route.demands === "open") {
    const isAudited = audit !== null && route.audited === true;
    return await (isAudited ? audit.run({ request, parameters, caller: null }, handle) : handle());
  }
  if (route.demands === "inference") {
    await access.admitInference(request);
    return await route.handle(request, parameters);
  }
  const caller = await access.caller(request);
  try {
    authorise(route.demands, caller);
  } catch (error) {
    if (route.closed === undefined) throw error;
    return route.closed(request, caller);
  }
  const isAudited = route.audited ?? (route.demands === "write" || route.demands === "setup");
  return await (audit === null || !isAudited ? handle() : audit.run({ request, parameters, caller }, handle));
}

/** The values of the names in braces, or null when the path is another one. */
function matchPath(pattern: readonly string[], segments: readonly string[]): Record<string, string> | null {
  if (pattern.length !== segments.length) return null;
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] as string;
    if (part.startsWith("{")) {
      const value = decodeSegment(segment);
      if (value === null || value === "") return null;
      parameters[part.slice(1, -1)] = value;
    } else if (part !== segment) return null;
  }
  return parameters;
}

function decodeSegment(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

function wrongMethod(request: PlaneRequest, others: readonly Route[]): PlaneAnswer {
  const methods = [...new Set(others.map((route) => route.method))]
    .flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]))
    .join(", ");
  const error = new GatewayError("method_not_allowed", `${request.path} takes ${methods}, not ${request.method}`);
  const answer = errorAnswer(error);
  return { ...answer, headers: [...answer.headers, ["allow", methods]] };
}

function missing(request: PlaneRequest, method: string, routes: readonly Route[]): PlaneAnswer {
  const later = laterRoute(method, request.path);
  if (later !== null)
    return errorAnswer(
      new GatewayError("unsupported_operation", `${later} is not supported yet by this version of the gateway`, {
        status: 501,
      }),
    );
  const nearest = nearestName(
    request.path,
    routes.map((route) => route.path),
  );
  const hint = nearest === undefined ? "" : `. Did you mean ${nearest}?`;
  const path = request.path.length > 200 ? `${request.path.slice(0, 200)}…` : request.path;
  return errorAnswer(new GatewayError("not_found", `no such route: ${method} ${path}${hint}`));
}
