// Identify: from the headers of a request to the virtual key that it is made with, or to a refusal.
import { GatewayError } from "../core/errors.ts";
import type { Exchange } from "../core/exchange.ts";
import { CREDENTIAL_CARRIERS } from "../core/header-names.ts";
import type { HeaderView } from "../core/http.ts";
import type { Snapshot, VirtualKey } from "../core/snapshot.ts";
import { credentialIn, findKey, isMarkedKey } from "./credentials.ts";

/** The phase: fills `exchange.virtualKey`. `now` is Unix ms. Throws GatewayError. */
export function identify(exchange: Exchange, now: number): void {
  const { actsAs, request, snapshot } = exchange;
  exchange.virtualKey =
    actsAs === undefined
      ? identifyCaller(request.headers, snapshot, now)
      : namedKey(actsAs, request.headers, { snapshot, now });
}

/** The virtual key that the operator named by its id: it is held to what holds for its own holder. */
function namedKey(
  id: string | null,
  headers: HeaderView,
  { snapshot, now }: { readonly snapshot: Snapshot; readonly now: number },
): VirtualKey | null {
  const { requiredHeaders, enforceVirtualKeys } = snapshot.settings;
  if (requiredHeaders.length > 0) demandHeaders(headers, requiredHeaders);
  if (id === null) {
    if (!enforceVirtualKeys) return null;
    throw new GatewayError(
      "virtual_key_required",
      "every request needs a virtual key here (enforce_auth_on_inference): choose the one to make it as",
    );
  }
  const key = snapshot.findVirtualKeyById(id);
  if (key === undefined)
    throw new GatewayError(
      "virtual_key_not_found",
      "there is no virtual key with this id; GET /api/governance/virtual-keys lists them",
    );
  return held(key, headers, now);
}

/** The key, unless it may not be used or its requests lack a header that it demands. */
function held(key: VirtualKey, headers: HeaderView, now: number): VirtualKey {
  const own = usable(key, now).entity.requiredHeaders;
  if (own !== undefined) demandHeaders(headers, own);
  return key;
}

/** The virtual key that these headers carry; null: none, and none is demanded. Throws GatewayError. */
export function identifyCaller(headers: HeaderView, snapshot: Snapshot, now: number): VirtualKey | null {
  const { requiredHeaders, enforceVirtualKeys } = snapshot.settings;
  if (requiredHeaders.length > 0) demandHeaders(headers, requiredHeaders);
  const key = knownKey(headers, snapshot);
  if (key !== null) return held(key, headers, now);
  if (enforceVirtualKeys)
    throw new GatewayError(
      "virtual_key_required",
      "virtual key is required. Provide a virtual key via the x-bf-vk header.",
    );
  return null;
}

/** The key in the first carrier that holds a known one. An unknown value that can only be a virtual key is refused. */
function knownKey(headers: HeaderView, snapshot: Snapshot): VirtualKey | null {
  for (const carrier of CREDENTIAL_CARRIERS) {
    const value = credentialIn(headers, carrier);
    if (value === undefined) continue;
    const key = findKey(snapshot, value);
    if (key !== undefined) return key;
    if (carrier === "x-bf-vk" || isMarkedKey(value)) throw unknownKey(carrier);
  }
  return null;
}

function unknownKey(carrier: string): GatewayError {
  return new GatewayError(
    "virtual_key_not_found",
    `the virtual key in the ${carrier} header is not known here. Check its value, or create it under /api/governance/virtual-keys.`,
  );
}

/** The name of a key may be its secret, so no message holds it. */
function usable(key: VirtualKey, now: number): VirtualKey {
  if (!key.active) throw new GatewayError("virtual_key_blocked", "this virtual key is switched off");
  if (key.expiresAt !== null && key.expiresAt <= now)
    throw new GatewayError(
      "virtual_key_blocked",
      `this virtual key expired at ${new Date(key.expiresAt).toISOString()}`,
    );
  return key;
}

function demandHeaders(headers: HeaderView, required: readonly string[]): void {
  const missing = required.filter((name) => (headers.get(name.toLowerCase()) ?? "") === "");
  if (missing.length > 0)
    throw new GatewayError("missing_required_headers", `required headers are missing: ${missing.join(", ")}`);
}
