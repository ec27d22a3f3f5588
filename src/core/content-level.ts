// How much of a request and its answer the record keeps: as the settings say, the virtual key, and where it may the request itself.
import type { ContentLevel } from "./entities.ts";
import type { Exchange } from "./exchange.ts";

/** The header by which a request asks that nothing of it is kept. */
export const NO_CONTENT_HEADER = "x-bf-disable-content-logging";

/** The level for this request. Known once it has a virtual key or is known to have none. */
export function contentLevelOf({ snapshot, virtualKey, request }: Exchange): ContentLevel {
  const { settings } = snapshot;
  if (!settings.contentLogging) return "off";
  if (settings.contentByRequest === true && isYes(request.headers.get(NO_CONTENT_HEADER))) return "off";
  return virtualKey?.entity.contentLevel ?? settings.contentLevel ?? "ends";
}

/** Whoever asks for less by a word that we do not know gets less. */
function isYes(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "0" && value.toLowerCase() !== "false";
}
