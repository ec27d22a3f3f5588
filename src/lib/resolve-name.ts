// The addresses behind a host name, within a time.
import { lookup } from "node:dns/promises";
import { setTimeout as pause } from "node:timers/promises";

/** A name that takes longer to resolve is judged when it is connected to, ms. */
const RESOLVE_LIMIT = 2000;

/** The addresses of a name; none when it cannot be resolved in time. */
export async function resolveName(name: string): Promise<string[]> {
  const limit = pause(RESOLVE_LIMIT, [], { ref: false });
  const found = lookup(name, { all: true }).then(
    (addresses) => addresses.map(({ address }) => address),
    () => [],
  );
  return Promise.race([found, limit]);
}
