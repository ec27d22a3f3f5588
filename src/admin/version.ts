// GET /api/version: which gateway this is.
import { jsonAnswer } from "./answers.ts";
import type { Route } from "./router.ts";

/** The version as a JSON string. */
export function versionRoute(version: string): Route {
  return { method: "GET", path: "/api/version", demands: "open", handle: () => jsonAnswer(version) };
}
