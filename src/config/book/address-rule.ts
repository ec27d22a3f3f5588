// Which addresses may be set through the API: the rule for base URLs, and that a stored key stays with the hosts it was given for.
import type { ProviderEntity } from "../../core/entities.ts";
import { GatewayError } from "../../core/errors.ts";
import { hostName, isLoopbackHost } from "../../lib/host-names.ts";

/** What the rule needs of the house. */
export interface AddressRule {
  /** The listener answers to this machine alone. */
  readonly isLocalListener: boolean;
  /** What kind of place a literal address is. */
  classify(address: string): "public" | "private" | "loopback" | "never";
  /** The addresses of a name; none when it cannot be resolved now. */
  resolve(name: string): Promise<readonly string[]>;
}

/** Every address of the entity, with the path of its member. */
function addressesOf(entity: ProviderEntity): [string, string][] {
  const found: [string, string | null | undefined][] = [
    ["network_config.base_url", entity.network.baseUrl],
    ["proxy_config.url", "url" in entity.proxy ? entity.proxy.url : null],
  ];
  for (const [index, key] of entity.keys.entries()) {
    found.push([`keys[${index}]`, key.url]);
    found.push([`keys[${index}].azure_key_config.endpoint`, key.azure?.endpoint]);
  }
  return found.flatMap(([path, url]) =>
    typeof url === "string" && url !== "" ? [[path, url] as [string, string]] : [],
  );
}

/** Refuses an address that may not be set; those that were in force before stay. */
export async function demandAllowed(
  entity: ProviderEntity,
  before: ProviderEntity | null,
  rule: AddressRule,
): Promise<void> {
  const known = new Set(before === null ? [] : addressesOf(before).map(([, url]) => url));
  for (const [path, url] of addressesOf(entity)) {
    const kept = known.has(url) && before?.network.allowPrivateNetwork === entity.network.allowPrivateNetwork;
    if (!kept) await demandAddress(url, path, entity.network.allowPrivateNetwork, rule);
  }
}

/**
 * The rule for one address. `allowPrivate` is what the provider says of private networks; a text: nothing beside it could say
 * so, as for a price sheet, and the text tells how else it is set. Throws GatewayError.
 */
export async function demandAddress(
  url: string,
  path: string,
  allowPrivate: boolean | string,
  rule: AddressRule,
): Promise<void> {
  const host = hostName(URL.parse(url)?.host);
  if (host === null) return;
  const kinds = isLoopbackHost(host) ? ["loopback" as const] : await kindsOf(host, rule);
  const refuse = (reason: string): never => {
    throw new GatewayError("invalid_request", `${path}: ${reason}`, { param: path });
  };
  if (kinds.includes("never"))
    refuse("this address is never reached: it is link-local, unspecified or a metadata service");
  if (allowPrivate === true) return;
  const remedy = typeof allowPrivate === "string" ? allowPrivate : ALLOW;
  if (kinds.includes("private")) refuse(`a private address ${remedy}`);
  if (kinds.includes("loopback") && !rule.isLocalListener)
    refuse(`this gateway listens to other machines: an address of its own machine ${remedy}`);
}

const ALLOW = 'needs "allow_private_network": true in network_config';
const METADATA_NAMES = new Set(["metadata.google.internal", "metadata.goog", "instance-data"]);

async function kindsOf(host: string, rule: AddressRule) {
  if (METADATA_NAMES.has(host.replace(/\.$/, ""))) return ["never" as const];
  const isLiteral = /^[\d.]+$/.test(host) || host.includes(":");
  // a name without an address now is judged when it is connected to
  const addresses = isLiteral ? [host] : await rule.resolve(host);
  return addresses.map((address) => rule.classify(address));
}
