// Words what is wrong with a path or a method, in the dialect of the path's prefix.
import type { ErrorAnswer } from "../core/endpoint.ts";
import { GatewayError } from "../core/errors.ts";
import { encodeError as encodeAnthropicError } from "../endpoints/anthropic/error.ts";
import { encodeError as encodeOpenaiError } from "../endpoints/openai/error.ts";
import { nearestName } from "../lib/nearest.ts";
import { KNOWN_PATHS } from "./routes.ts";

/** As much of a path as is told back. */
const SHOWN = 200;

/** An error where no request was read that could tell the dialect. */
export function encodeByPath(error: GatewayError, path: string | null): ErrorAnswer {
  return path?.startsWith("/anthropic") ? encodeAnthropicError(error, null) : encodeOpenaiError(error, null);
}

/** A known path with a beginning too much or too little, else one that is spelled alike. */
function meantPath(path: string): string | undefined {
  const name = path
    .toLowerCase()
    .replaceAll(/\/{2,}/g, "/")
    .replace(/\/$/, "");
  if (name.length < 4) return undefined;
  return (
    KNOWN_PATHS.find((known) => known.length > 4 && (known.endsWith(name) || name.endsWith(known))) ??
    nearestName(name, KNOWN_PATHS)
  );
}

export function notFound(path: string): GatewayError {
  const shown = path.slice(0, SHOWN);
  const meant = path.length > SHOWN ? undefined : meantPath(path);
  return new GatewayError(
    "not_found",
    `there is nothing at ${shown}${meant === undefined ? "" : `; did you mean ${meant}?`}`,
  );
}

export function methodNotAllowed(method: string, path: string, methods: readonly string[]): GatewayError {
  return new GatewayError(
    "method_not_allowed",
    `${method} is not possible at ${path.slice(0, SHOWN)}: use ${methods.join(", ")}`,
  );
}

export function notOffered(operation: string): GatewayError {
  return new GatewayError(
    "unsupported_operation",
    `${operation} is not supported by this gateway yet; chat and text completions, embeddings and models are`,
  );
}
