// Words for a request that no target can serve: what was asked, why nothing fits, what to do.
import type { Candidate, RemovalReason, RequestFeatures } from "../core/decision.ts";
import { GatewayError } from "../core/errors.ts";
import { requestType } from "../core/operations.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { nearestNames } from "../lib/nearest.ts";
import { splitModel } from "./candidates.ts";

/** At most three names that look like what was asked. */
function similar(name: string, names: Iterable<string>): string {
  const found = nearestNames(name, names, 3);
  return found.length === 0 ? "" : ` The nearest known: ${found.join(", ")}.`;
}

function unknownModel(model: string, snapshot: Snapshot): GatewayError {
  const configured = [...snapshot.providers.keys()];
  const advice =
    configured.length === 0
      ? "No provider is configured."
      : `A model that is not in the catalogue is asked for as provider/model, for instance ${configured[0]}/${model}.`;
  return new GatewayError(
    "model_not_found",
    `No configured provider offers the model '${model}'.${similar(model, snapshot.offers.keys())} ${advice}`,
    {
      param: "model",
    },
  );
}

function unknownProvider(provider: string, snapshot: Snapshot): GatewayError {
  const names = [...snapshot.providers.keys()];
  return new GatewayError(
    "provider_not_found",
    `The provider '${provider}' is not configured.${similar(provider, names)} Configured: ${names.join(", ") || "none"}.`,
    { param: "model" },
  );
}

const BY_REASON: Partial<
  Record<RemovalReason, (provider: string, model: string, features: RequestFeatures) => GatewayError>
> = {
  "provider not allowed by the virtual key": (provider) =>
    new GatewayError("provider_blocked", `Provider '${provider}' is not allowed for this virtual key`, {
      param: "model",
    }),
  "model not allowed by the virtual key": (_, model) =>
    new GatewayError("model_blocked", `Model '${model}' is not allowed for this virtual key`, { param: "model" }),
  "model blocked by the virtual key": (_, model) =>
    new GatewayError("model_blocked", `Model '${model}' is not allowed for this virtual key`, { param: "model" }),
  "operation not offered by the provider": (provider, _, features) =>
    new GatewayError(
      "unsupported_operation",
      `${requestType(features.operation, features.stream)} is not supported by ${provider} provider`,
    ),
  "assumed down": (provider, model) => assumed(provider, model, "down"),
  "assumed exhausted": (provider, model) => assumed(provider, model, "used up"),
  "no key serves the model": (provider, model) =>
    new GatewayError(
      "no_eligible_keys",
      `no keys found that support model: ${model}. Provider '${provider}' has no enabled key for it; look at the keys' models and at the warnings of the start.`,
    ),
};

/** Only a simulation assumes anything. */
function assumed(provider: string, model: string, what: string): GatewayError {
  return new GatewayError(
    "no_eligible_keys",
    `'${provider}' is assumed to be ${what}, and nothing else may serve the model '${model}'.`,
  );
}

/** The most telling of the reasons first: what the caller can do something about. */
const PRECEDENCE: readonly RemovalReason[] = [
  "no key serves the model",
  "operation not offered by the provider",
  "model blocked by the virtual key",
  "model not allowed by the virtual key",
  "provider not allowed by the virtual key",
  "assumed down",
  "assumed exhausted",
];

/** What the caller is told when the order is empty. */
export function refusal(features: RequestFeatures, candidates: readonly Candidate[], snapshot: Snapshot): GatewayError {
  const asked = splitModel(features.model, snapshot);
  if (asked.provider !== null && !snapshot.providers.has(asked.provider))
    return unknownProvider(asked.provider, snapshot);
  for (const reason of PRECEDENCE) {
    const found = candidates.find((candidate) => candidate.removed === reason);
    const words = BY_REASON[reason];
    if (found !== undefined && words !== undefined) return words(found.provider, asked.model, features);
  }
  if (features.virtualKey?.providers?.length === 0)
    return new GatewayError("provider_blocked", "This virtual key allows no provider: add provider_configs to it.", {
      param: "model",
    });
  return unknownModel(asked.model, snapshot);
}
