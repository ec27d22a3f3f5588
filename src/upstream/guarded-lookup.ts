// Resolves a host and lets through only addresses that the origin may be reached at, so that the check cannot be rebound.
import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { isAllowedAddress } from "./address-rules.ts";

/** Resolves a name to all its addresses; `dns.lookup` is one. */
export type ResolveAll = (
  host: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** The host has no address that this origin may be connected to. */
export class AddressRefusedError extends Error {
  constructor(host: string, addresses: readonly string[]) {
    super(`${host} is at ${addresses.join(", ") || "no address"}, which this origin may not reach`);
    this.name = "AddressRefusedError";
  }
}

/** A `lookup` for sockets: what it gives is what is connected to, so the rule is checked here and nowhere else. */
export function guardedLookup(allowPrivateNetwork: boolean, resolve: ResolveAll = systemLookup): LookupFunction {
  return (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, "", 0);
      const allowed = addresses.filter((entry) => isAllowedAddress(entry.address, allowPrivateNetwork));
      const [first] = allowed;
      if (first === undefined)
        return done(
          new AddressRefusedError(
            host,
            addresses.map((entry) => entry.address),
          ),
          "",
          0,
        );
      // Node asks for all addresses when it may try them one after another.
      if (options.all === true) return done(null, allowed);
      done(null, first.address, first.family);
    });
  };
}

/** A lookup for hosts that are the operator's word (proxies): any address. */
export function openLookup(resolve: ResolveAll = systemLookup): LookupFunction {
  return (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      const first = addresses?.[0];
      if (error !== null || first === undefined) return done(error ?? new Error(`${host} has no address`), "", 0);
      if (options.all === true) return done(null, addresses);
      done(null, first.address, first.family);
    });
  };
}
