// Reads the model out of a path in Azure's style: `…/deployments/{deployment}/{operation}`.
import { GatewayError } from "../../core/errors.ts";
import type { Exchange } from "../../core/exchange.ts";
import { checkModel } from "./model-name.ts";

/** A path in Azure's style. A deployment may hold slashes, raw or encoded, so the operation is known by its first part. */
const DEPLOYMENT =
  /^\/openai(?:\/openai)?(?:\/v1)?\/deployments\/(.+?)\/((?:chat|audio|images)\/[^/]+|(?!(?:chat|audio|images)\/)[^/]+)\/?$/;

export interface DeploymentPath {
  /** As it stands in the path. */
  readonly deployment: string;
  /** What stands behind it: `chat/completions`, `embeddings`. */
  readonly operation: string;
}

/** The parts of a path in Azure's style; null for every other. */
export function splitDeployment(path: string): DeploymentPath | null {
  if (!path.startsWith("/openai/")) return null;
  const [, deployment, operation] = DEPLOYMENT.exec(path) ?? [];
  return deployment === undefined || operation === undefined ? null : { deployment, operation };
}

/**
 * The deployment as a model of Azure. One that begins with a provider's name and a slash, which no deployment's name
 * can hold, is a model of that provider. Throws GatewayError.
 */
export function pathModel(exchange: Exchange): string {
  const name = checkModel(decode(splitDeployment(exchange.request.path)?.deployment ?? ""));
  const provider = name.slice(0, Math.max(0, name.indexOf("/")));
  const { providers, knownProviders } = exchange.snapshot;
  return providers.has(provider) || knownProviders.has(provider) ? name : `azure/${name}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new GatewayError("invalid_request", "the name of the deployment in the path is not encoded as a URL's is", {
      param: "model",
    });
  }
}
