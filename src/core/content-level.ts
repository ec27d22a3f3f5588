// How much of a request and its answer the record keeps: as the settings say, the virtual key, and where it may the request itself.
import type { ContentLevel } from "./entities.ts";
import type { GatewayError } from "./errors.ts";
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

/**
 * An error message as it may be kept: providers quote what they were asked, so their words are content. `status`: the
 * provider's, 0 = it did not answer, and the words are ours.
 */
export function keptWords(words: string, status: number, level: ContentLevel): string {
  if (level !== "off" || status === 0 || words === "") return words;
  return `The provider failed with status ${status}; its words are not kept (content level off).`;
}

/** The status of the provider whose words an error holds; 0 = they are ours. */
export function providerStatus(error: GatewayError): number {
  return error.isUpstream ? error.status : 0;
}

/** Whoever asks for less by a word that we do not know gets less. */
function isYes(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "0" && value.toLowerCase() !== "false";
}
