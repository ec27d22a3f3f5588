// What of the web may reach management paths: by Host while no login is set, always by Origin and content type.
import type { SettingsEntity } from "../core/entities.ts";
import { GatewayError } from "../core/errors.ts";
import type { InboundRequest } from "../core/http.ts";
import { isOpenRoute, type LoginState } from "../core/login.ts";
import { hostName } from "../lib/host-names.ts";
import { CorsRules } from "./cors.ts";
import { isTrustedHost } from "./host-rules.ts";
import { isOwnOrigin, parseOrigin } from "./origins.ts";

/** The rules of one configuration, compiled. */
export class WebRules {
  readonly cors: CorsRules;
  readonly #hosts: ReadonlySet<string>;
  readonly #open: readonly string[];
  readonly #hasLogin: boolean;

  constructor(settings: SettingsEntity, login: LoginState) {
    this.#hosts = new Set(settings.allowedHosts.flatMap((host) => hostName(host) ?? []));
    this.#open = settings.whitelistedRoutes;
    this.#hasLogin = login.mode === "login";
    this.cors = new CorsRules(settings, this.#hosts, settings.enforceVirtualKeys || login.closesInference);
  }

  /** Why a request for a management path is not taken; null: it is. Who may have what is not decided here. */
  refusal(request: InboundRequest): GatewayError | null {
    const { method } = request;
    const isRead = method === "GET" || method === "HEAD" || method === "OPTIONS";
    return this.#hostRefusal(request) ?? (isRead ? readRefusal(request) : writeRefusal(request));
  }

  /** A page that had its own name rebound to us would be same-origin: only the Host tells it from ours. A login does that too. */
  #hostRefusal(request: InboundRequest): GatewayError | null {
    if (this.#hasLogin || isOpenRoute(request.path, this.#open)) return null;
    if (isTrustedHost(request.headers.get("host"), this.#hosts)) return null;
    return new GatewayError(
      "foreign_host",
      "this path answers only to localhost, to an IP address, or to a name in server.allowed_hosts. Call it by one of these, add the name, or open the route with client.whitelisted_routes.",
    );
  }
}

/** Nothing of another origin may read, except that a person may follow a link to a page of ours. */
function readRefusal(request: InboundRequest): GatewayError | null {
  if (isOwnOrNone(request, true) || isPageVisit(request)) return null;
  return foreign("read");
}

function isPageVisit(request: InboundRequest): boolean {
  const { headers, path } = request;
  if (headers.get("sec-fetch-mode") !== "navigate" || headers.get("sec-fetch-dest") !== "document") return false;
  return headers.get("origin") === undefined && path !== "/metrics" && path !== "/ws" && !path.startsWith("/api");
}

/** Writes come from our own pages or from no page at all, and with JSON. */
function writeRefusal(request: InboundRequest): GatewayError | null {
  if (!isOwnOrNone(request, false)) return foreign("write");
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (request.body.bytes.length > 0 && type !== "application/json")
    return new GatewayError("unsupported_media_type", "the body must be sent with content-type: application/json");
  return null;
}

/** True when no page sent the request, or one of ours did. `none` stands for an address that a person typed. */
function isOwnOrNone(request: InboundRequest, isRead: boolean): boolean {
  const { headers } = request;
  const site = headers.get("sec-fetch-site");
  if (site !== undefined && site !== "same-origin" && !(isRead && site === "none")) return false;
  const header = headers.get("origin");
  if (header === undefined) return true;
  const origin = parseOrigin(header);
  return origin !== null && isOwnOrigin(origin, headers.get("host"), request.peer.secure);
}

function foreign(verb: string): GatewayError {
  return new GatewayError("foreign_origin", `a web page of another origin may not ${verb} here`);
}
