// How the control plane finds out who calls: by place, open route, setup token or login; for model lists also by virtual key.
import { type Caller, credentialRequired, loginCredentials, slowedDown } from "../core/login.ts";
import type { PlaneRequest } from "../lib/channel/bridge-responder.ts";
import type { Access } from "./authorise.ts";
import type { AdminHouse } from "./house.ts";

export function loginAccess(house: AdminHouse): Access {
  return {
    caller: (request) => callerOf(request, house),
    admitInference: (request) => admitInference(request, house),
  };
}

async function callerOf(request: PlaneRequest, { login, now }: AdminHouse): Promise<Caller> {
  const ticket = request.path === "/ws" ? request.query.get("ticket") : null;
  if (ticket !== null && login.tickets.redeem(ticket, now())) return "operator";
  return await login.caller(request);
}

/** As the loop does it for calls of models. */
async function admitInference(request: PlaneRequest, house: AdminHouse): Promise<void> {
  const { login } = house;
  if (!login.closesInference) return;
  if ((await house.identify(request.headers, house.configuration())) !== null) return;
  const credentials = loginCredentials(request.headers);
  if (credentials === null) throw credentialRequired();
  const proof = await login.prove(credentials, request.peer.address);
  if (proof.proven) return;
  throw proof.retryAfter > 0 ? slowedDown(proof.retryAfter) : credentialRequired();
}
