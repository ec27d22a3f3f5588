// Finds the base URL of a key and joins it with an adapter's paths, so that no path segment is doubled.
import type { KeyEntity, ProviderEntity } from "../../core/entities.ts";
import { GatewayError } from "../../core/errors.ts";

function segments(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}

/**
 * The base without its trailing slashes and without the end that `path` repeats: people copy base URLs with `/v1`
 * from client settings, and the adapter's paths begin with it.
 */
export function trimBase(base: string, path: string): string {
  const bare = base.trim().replace(/\/+$/, "");
  const scheme = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i.exec(bare)?.[0];
  if (scheme === undefined) return bare;
  const own = segments(bare.slice(scheme.length));
  const first = segments(path.split("?", 1)[0] as string);
  for (let overlap = Math.min(own.length, first.length); overlap > 0; overlap--) {
    const tail = own.slice(own.length - overlap);
    if (tail.every((segment, i) => segment === first[i])) return withPath(scheme, own.slice(0, -overlap));
  }
  return withPath(scheme, own);
}

function withPath(scheme: string, path: readonly string[]): string {
  return path.length === 0 ? scheme : `${scheme}/${path.join("/")}`;
}

/**
 * Where this key is used: the key's own URL, the provider's `base_url`, the adapter's default. Throws when nobody
 * names one; the loader is expected to have refused such a configuration before.
 */
export function baseUrlOf(provider: ProviderEntity, key: KeyEntity, fallback: string | null, path: string): string {
  const base = key.url || provider.network.baseUrl || fallback;
  if (base === null) throw missingBase(provider, "set network_config.base_url or the key's own url");
  return trimBase(base, path);
}

/** Nobody names an address; `remedy` says where one can. */
export function missingBase(provider: ProviderEntity, remedy: string): GatewayError {
  return new GatewayError("invalid_request", `provider ${provider.name}: no base URL is known; ${remedy}`);
}
