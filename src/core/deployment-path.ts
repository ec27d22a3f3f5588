// Paths in Azure's style, `…/deployments/{deployment}/{operation}`: their parts, and the model that a deployment is.

/** A deployment may hold slashes, raw or encoded, so the operation is known by its first part. */
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
 * A deployment (decoded) as a model of Azure. One that begins with a provider's name and a slash, which no deployment's
 * name can hold, is a model of that provider.
 */
export function deploymentModel(name: string, isProvider: (name: string) => boolean): string {
  return isProvider(name.slice(0, Math.max(0, name.indexOf("/")))) ? name : `azure/${name}`;
}
