// Reads the model out of a path in Azure's style: `…/deployments/{deployment}/{operation}`.
import { deploymentModel, splitDeployment } from "../../core/deployment-path.ts";
import { GatewayError } from "../../core/errors.ts";
import type { Exchange } from "../../core/exchange.ts";
import { checkModel } from "./model-name.ts";

/** Throws GatewayError. */
export function pathModel(exchange: Exchange): string {
  const name = checkModel(decode(splitDeployment(exchange.request.path)?.deployment ?? ""));
  const { providers, knownProviders } = exchange.snapshot;
  return deploymentModel(name, (provider) => providers.has(provider) || knownProviders.has(provider));
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
