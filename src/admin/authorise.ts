// The authorisation table: what each management route demands, and which callers may have it. What is not allowed here is refused.
import { GatewayError } from "../core/errors.ts";
import { type Caller, callerOf, managementRefusal } from "../core/login.ts";
import type { PlaneRequest } from "../lib/channel/bridge-responder.ts";

/**
 * The door has checked Host, Origin and content type before. `open`: everybody who came through it. `page`: the operator, others
 * are shown how to become it. `metrics`: everybody while no login is set, as who collects them has none. `inference`: like a call
 * for a model, by virtual key where one is demanded. `read` and `write`: the operator. `setup`: whoever may set the first login.
 */
export type Demand = "open" | "page" | "metrics" | "inference" | "read" | "write" | "setup";

const TABLE: Readonly<Record<Demand, readonly Caller[]>> = {
  open: ["operator", "admitted", "stranger", "remote", "unset"],
  page: ["operator", "admitted"],
  metrics: ["operator", "admitted", "remote", "unset"],
  inference: ["operator", "admitted", "stranger", "remote", "unset"],
  read: ["operator", "admitted"],
  write: ["operator", "admitted"],
  setup: ["operator"],
};

/** How a plane finds out who calls. May throw GatewayError. */
export interface Access {
  caller(request: PlaneRequest): Caller | Promise<Caller>;
  /** Throws GatewayError unless `request` may do what inference may: by virtual key or login, where one is demanded. */
  admitInference(request: PlaneRequest): void | Promise<void>;
}

/** Throws GatewayError unless `caller` may do what needs `demand`. */
export function authorise(demand: Demand, caller: Caller): void {
  const allowed = Object.hasOwn(TABLE, demand) ? TABLE[demand] : [];
  if (!allowed.includes(caller))
    throw managementRefusal(caller) ?? new GatewayError("forbidden", "this route is closed");
}

/** For a plane that has no login: only the place of the caller counts. */
export const BY_PLACE: Access = {
  caller: (request) => callerOf(request, "none", [], async () => false),
  admitInference() {},
};

/** For a plane that is told by the loop who calls. */
export const AS_TOLD: Access = {
  caller: (request) => request.caller ?? "stranger",
  admitInference() {
    throw new GatewayError("unauthorized", "this plane serves no inference");
  },
};
