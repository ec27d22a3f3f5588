// The words for what keeps a provider's key from working: what happened, why, and what to do.
import type { CallBrokenError } from "../core/fetch-whole.ts";
import type { NoTokenError } from "../core/key-tokens.ts";
import type { FailureHint } from "../core/provider.ts";

export interface ProbeFailure {
  readonly what: string;
  readonly why: string;
  readonly what_to_do: string;
  /** The provider's status; 0 = it did not answer. */
  readonly status: number;
}

export interface Refusal {
  readonly provider: string;
  readonly status: number;
  readonly hint: FailureHint;
  /** The provider's own words. */
  readonly said: string;
  /** What must not be repeated. */
  readonly secrets: readonly string[];
}

/** By status: why, and what to do. */
const BY_STATUS: Readonly<Record<number, readonly [string, string]>> = {
  400: ["it takes the request for a wrong one", "check the model, and the fields that this key needs"],
  401: ["it does not know this key", "copy the key once more, whole, and make sure that it is one of this provider"],
  402: ["the account has no credit", "add credit with the provider, or use another key"],
  403: ["this key may not do that", "check the permissions of the key, and the region or project it belongs to"],
  404: ["there is nothing at this address, or no such model", "check the base URL and the name of the model"],
  429: ["the limit of this key is reached", "wait a little, or look at the limits of the account"],
};

/** Parts of a secret of this length are enough to leave the provider's words out. */
const TELLING = 8;
const LONGEST_SAID = 300;

/** An answer that is none of the good ones. */
export function refused({ provider, status, hint, said, secrets }: Refusal): ProbeFailure {
  const known = BY_STATUS[hint === "key-rejected" ? 401 : status];
  const [why, todo] = known ?? [
    status >= 500 ? "it has troubles of its own" : "it refuses the request",
    status >= 500 ? "try again in a minute" : "check the address and the key",
  ];
  const words = said.trim();
  const isFit = words !== "" && !repeats(words, secrets);
  const quoted = isFit ? `: “${words.slice(0, LONGEST_SAID)}”` : "";
  return { what: `${provider} answered with status ${status}`, why: why + quoted, what_to_do: sentence(todo), status };
}

/** Whether a text holds a part of a secret. */
function repeats(words: string, secrets: readonly string[]): boolean {
  return secrets.some((secret) => {
    for (let at = 0; at + TELLING <= secret.length; at++)
      if (words.includes(secret.slice(at, at + TELLING))) return true;
    return secret.length > 3 && secret.length < TELLING && words.includes(secret);
  });
}

const TO_DO: Readonly<Record<string, string>> = {
  dns: "check the base URL; behind a proxy, check that the proxy is set",
  connect: "check the base URL and that this machine may reach it",
  tls: "check the base URL; an authority of your own goes into network_config.ca_cert_pem",
  proxy: "check proxy_config",
  "address-refused": 'use an address that is allowed, or set "allow_private_network": true in network_config',
};

/** No whole answer came. */
export function unreached(provider: string, error: CallBrokenError): ProbeFailure {
  return {
    what: `${provider} gave no answer`,
    why: error.message,
    what_to_do: sentence(TO_DO[error.kind] ?? "try again; if it stays so, check the address"),
    status: error.status,
  };
}

/** The key could not be traded for a token, so the provider was not asked. */
export function withoutToken(provider: string, error: NoTokenError): ProbeFailure {
  return {
    what: `${provider} was not asked`,
    why: error.message,
    what_to_do: sentence(
      error.isRefused
        ? "check tenant_id, client_id and client_secret of the key"
        : "try again; if it stays so, check the network",
    ),
    status: 0,
  };
}

/** It answered, and with something else. */
export function unreadable(provider: string, what: string): ProbeFailure {
  return {
    what: `${provider} answered, but not as expected`,
    why: `its answer is no list of ${what}`,
    what_to_do: "Check the base URL: it may belong to another program.",
    status: 200,
  };
}

/** There was nothing to ask. */
export function untested(provider: string): ProbeFailure {
  return {
    what: `${provider} was not asked`,
    why: "it gives no list of models",
    what_to_do: "Name a model: it is then asked for one token.",
    status: 0,
  };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
