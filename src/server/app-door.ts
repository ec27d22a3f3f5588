// What stands behind the inbound door: from the path to the pipeline, the control plane or an answer of the door's own.
import type { Endpoint } from "../core/endpoint.ts";
import type { SettingsEntity } from "../core/entities.ts";
import { GatewayError, toGatewayError } from "../core/errors.ts";
import { Exchange } from "../core/exchange.ts";
import type { HeaderBlock, HeaderView, InboundRequest, Reply } from "../core/http.ts";
import type { LoginState } from "../core/login.ts";
import type { Clock, ControlPlane } from "../core/ports.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { readCallerId } from "../endpoints/kit/caller-options.ts";
import { headerBlock, joinBlocks, NO_HEADERS } from "../lib/header-block.ts";
import { CommonReply } from "./common-reply.ts";
import type { Gate, Refusal } from "./gate.ts";
import { KeptReply } from "./kept-reply.ts";
import { encodeByPath, methodNotAllowed, notFound, notOffered } from "./route-errors.ts";
import { findRoute, type Route } from "./routes.ts";
import { SECURITY_HEADERS, securityHeaders } from "./security-headers.ts";
import { WebRules } from "./web-rules.ts";

export interface DoorParts {
  /** Null until the first configuration has come. */
  readonly snapshot: () => Snapshot | null;
  /** Takes an exchange to its end; `refused` is set when it could not be decoded, so that this too is recorded. */
  readonly run: (exchange: Exchange, refused: GatewayError | null) => void;
  readonly control: ControlPlane;
  readonly login: () => LoginState;
  /** What keeps a request from being made as the operator; null = nothing does. Reads its headers before it returns; never rejects. */
  readonly operatorRefusal: (request: InboundRequest) => Promise<GatewayError | null>;
  /** The state of the process, from memory. `body` is JSON text. */
  readonly health: () => { readonly status: number; readonly body: string };
  /** A new id; `now` is Unix ms. */
  readonly ids: (now: number) => string;
  readonly clock: Clock;
}

/** Longest body of a request that is not inference, bytes. */
const MAX_CONTROL_BODY = 10 * 1024 * 1024;
const ALL_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const HEALTH_HEADERS = headerBlock([
  ["content-type", "application/json"],
  ["cache-control", "no-store"],
]);

/** The gate of the gateway. */
export function createDoor(parts: DoorParts): Gate {
  return new AppDoor(parts);
}

class AppDoor implements Gate {
  readonly #parts: DoorParts;
  /** Compiled for the settings seen last. */
  #rules: WebRules | null = null;
  #rulesOf: { readonly settings: SettingsEntity; readonly login: LoginState } | null = null;

  constructor(parts: DoorParts) {
    this.#parts = parts;
  }

  bodyLimit(_method: string, path: string, _headers: HeaderView): number {
    const snapshot = this.#parts.snapshot();
    if (snapshot === null || findRoute(path)?.type !== "inference") return MAX_CONTROL_BODY;
    return snapshot.settings.maxRequestBodyBytes;
  }

  takesSocket(method: string, path: string): boolean {
    return method === "GET" && path === "/ws";
  }

  refuse(error: GatewayError, path: string | null, request: InboundRequest | null): Refusal {
    const recorded = request === null ? null : this.#refuseRecorded(error, request);
    if (recorded !== null) return recorded;
    const { status, headers, body } = encodeByPath(error, path);
    return { status, headers: joinBlocks(SECURITY_HEADERS, headers), body };
  }

  /** A call of inference that is too large or broken is a request of the log like others; null: it is none. */
  #refuseRecorded(error: GatewayError, request: InboundRequest): Refusal | null {
    const route = findRoute(request.path);
    const snapshot = this.#parts.snapshot();
    if (snapshot === null || route?.type !== "inference" || request.method !== "POST") return null;
    // who may make this one is not known yet
    if (route.operator === true) return null;
    const reply = new KeptReply();
    const exchange = this.#exchange(route.endpoint, request, new CommonReply(reply, SECURITY_HEADERS), snapshot);
    readCallerId(exchange);
    this.#parts.run(exchange, error);
    return reply.answered;
  }

  handle(request: InboundRequest, reply: Reply): void {
    const route = findRoute(request.path);
    const common = securityHeaders(request.peer.secure);
    if (route === null) return refuse(request, reply, common, notFound(request.path));
    const snapshot = this.#parts.snapshot();
    if (snapshot === null) return this.#beforeStart(request, reply, common, route);
    const rules = this.#rulesFor(snapshot.settings);
    if (isGuarded(route)) return this.#admin(request, reply, common, route, rules);
    const cors = rules.cors.headersFor(request);
    if (cors === null) return refuse(request, reply, common, foreignPage());
    const lines = cors === NO_HEADERS ? common : joinBlocks(common, cors);
    if (request.method === "OPTIONS") return options(request, reply, lines, route, rules);
    if (!isTaken(route, request.method)) return wrongMethod(request, reply, lines, route);
    this.#serve(request, reply, lines, route, snapshot);
  }

  #serve(request: InboundRequest, reply: Reply, lines: HeaderBlock, route: Route, snapshot: Snapshot): void {
    switch (route.type) {
      case "inference":
        if (request.method === "HEAD") return empty(request, reply, 200, lines);
        return this.#infer(this.#exchange(route.endpoint, request, new CommonReply(reply, lines), snapshot));
      case "control":
        return this.#parts.control.handle(forControl(request), reply, lines);
      case "health":
        return this.#health(request, reply, lines);
      case "base":
        return empty(request, reply, 200, lines);
      case "unsupported":
        return refuse(request, reply, lines, notOffered(route.operation));
    }
  }

  /** Decode, then the pipeline; what cannot be decoded goes through it too, so that it is answered and recorded there. */
  #infer(exchange: Exchange, mark?: (exchange: Exchange) => void): void {
    let refused: GatewayError | null = null;
    try {
      exchange.endpoint.decode(exchange);
    } catch (error) {
      refused = toGatewayError(error);
    }
    mark?.(exchange);
    this.#parts.run(exchange, refused);
  }

  #exchange(endpoint: Endpoint, request: InboundRequest, reply: Reply, snapshot: Snapshot): Exchange {
    const { clock, ids } = this.#parts;
    const now = clock.now();
    return new Exchange(ids(now), now, clock.monotonic(), endpoint, request, reply, snapshot);
  }

  #admin(request: InboundRequest, reply: Reply, common: HeaderBlock, route: Route, rules: WebRules): void {
    const refusal = rules.refusal(request);
    if (refusal !== null) return refuse(request, reply, common, refusal);
    if (request.method === "OPTIONS") return empty(request, reply, 204, joinBlocks(common, allowLine(route)));
    if (!isTaken(route, request.method)) return wrongMethod(request, reply, common, route);
    if (route.type === "inference") return this.#asOperator(route.endpoint, request, new CommonReply(reply, common));
    this.#parts.control.handle(forControl(request), reply, common);
  }

  /** Inference for who may manage the gateway: as the virtual key that he names. */
  #asOperator(endpoint: Endpoint, request: InboundRequest, reply: Reply): void {
    void this.#parts.operatorRefusal(request).then((refusal) => {
      const snapshot = this.#parts.snapshot();
      if (refusal !== null || snapshot === null) return refuse(request, reply, NO_HEADERS, refusal ?? stillStarting());
      this.#infer(this.#exchange(endpoint, request, reply, snapshot), actingAs);
    });
  }

  #health(request: InboundRequest, reply: Reply, common: HeaderBlock): void {
    request.body.release();
    const { status, body } = this.#parts.health();
    reply.answer(status, joinBlocks(common, HEALTH_HEADERS), [Buffer.from(body)]);
  }

  #beforeStart(request: InboundRequest, reply: Reply, common: HeaderBlock, route: Route): void {
    if (route.type === "health" && isTaken(route, request.method)) return this.#health(request, reply, common);
    refuse(request, reply, common, stillStarting());
  }

  #rulesFor(settings: SettingsEntity): WebRules {
    const login = this.#parts.login();
    if (this.#rules === null || this.#rulesOf?.settings !== settings || this.#rulesOf.login !== login) {
      this.#rules = new WebRules(settings, login);
      this.#rulesOf = { settings, login };
    }
    return this.#rules;
  }
}

/** Host, Origin and content type are looked at before anything else. */
function isGuarded(route: Route): boolean {
  return (route.type === "control" && route.admin) || (route.type === "inference" && route.operator === true);
}

const PLAYGROUND = "playground";
/** The virtual key to make a request of the playground as, by its id. */
const PLAYGROUND_KEY = "x-bf-playground-vk";

function actingAs(exchange: Exchange): void {
  const id = exchange.request.headers.get(PLAYGROUND_KEY) ?? "";
  exchange.actsAs = id === "" || id === "none" ? null : id;
  exchange.app = PLAYGROUND;
}

function stillStarting(): GatewayError {
  return new GatewayError("control_plane_unavailable", "the gateway is starting: try again in a second", {
    retryAfter: 1,
  });
}

function isTaken(route: Route, method: string): boolean {
  return route.methods === null || route.methods.includes(method);
}

function allowLine(route: Route): HeaderBlock {
  return headerBlock([["allow", (route.methods ?? ALL_METHODS).join(", ")]]);
}

function foreignPage(): GatewayError {
  return new GatewayError(
    "foreign_origin",
    "a web page of this origin may not call here. Add its origin to client.allowed_origins.",
  );
}

/** A preflight gets the lines of CORS, any other OPTIONS the methods. */
function options(request: InboundRequest, reply: Reply, lines: HeaderBlock, route: Route, rules: WebRules): void {
  const isPreflight =
    request.headers.get("origin") !== undefined && request.headers.get("access-control-request-method") !== undefined;
  const more = isPreflight ? rules.cors.preflight(request, route.methods ?? ALL_METHODS) : allowLine(route);
  empty(request, reply, 204, joinBlocks(lines, more));
}

function wrongMethod(request: InboundRequest, reply: Reply, lines: HeaderBlock, route: Route): void {
  const methods = route.methods ?? ALL_METHODS;
  refuse(request, reply, joinBlocks(lines, allowLine(route)), methodNotAllowed(request.method, request.path, methods));
}

/** An answer of the door's own; the body is not needed any more. */
function refuse(request: InboundRequest, reply: Reply, lines: HeaderBlock, error: GatewayError): void {
  request.body.release();
  const answer = encodeByPath(error, request.path);
  reply.answer(answer.status, joinBlocks(lines, answer.headers), [answer.body]);
}

function empty(request: InboundRequest, reply: Reply, status: number, lines: HeaderBlock): void {
  request.body.release();
  reply.answer(status, lines, []);
}

/** HEAD is GET whose body the door leaves away; a slash at the end of a path says nothing. */
function forControl(request: InboundRequest): InboundRequest {
  const { method, path, query, headers, body, peer } = request;
  const isHead = method === "HEAD";
  const hasSlash = path.length > 1 && path.endsWith("/");
  if (!isHead && !hasSlash) return request;
  const plain = hasSlash ? path.slice(0, -1) : path;
  const target = query === "" ? plain : `${plain}?${query}`;
  return { method: isHead ? "GET" : method, target, path: plain, query, headers, body, peer };
}
