// Who may use a management route. Every route names what it demands; what is not allowed here is refused.
import { GatewayError } from "../core/errors.ts";
import type { PlaneRequest } from "../lib/channel/bridge-responder.ts";

/**
 * The door has checked Host, Origin and content type before. `open`: everybody who came through it. `inference`: like a call for a model, by virtual key
 * where one is demanded; the route looks itself. `read` and `write`: the operator.
 */
export type Demand = "open" | "inference" | "read" | "write";

type Rule = (request: PlaneRequest) => void;

/** One list of rules for each demand. There is no login yet, so the operator is whoever sits at this machine. */
const RULES: Readonly<Record<Demand, readonly Rule[]>> = {
  open: [],
  inference: [],
  read: [fromThisMachine],
  write: [fromThisMachine],
};

/** Throws GatewayError unless `request` may do what needs `demand`. */
export function authorise(demand: Demand, request: PlaneRequest): void {
  const rules = Object.hasOwn(RULES, demand) ? RULES[demand] : null;
  if (rules === null) throw new GatewayError("unauthorized", "this route is closed");
  for (const rule of rules) rule(request);
}

/** What a proxy on this machine passes on comes from elsewhere. */
function fromThisMachine(request: PlaneRequest): void {
  const isForwarded =
    request.headers.get("x-forwarded-for") !== undefined || request.headers.get("forwarded") !== undefined;
  if (request.peer.loopback && !isForwarded) return;
  throw new GatewayError(
    "unauthorized",
    "until a login can be set, the management API answers only callers on the gateway's own machine. Make the call there, or through an SSH tunnel",
  );
}
