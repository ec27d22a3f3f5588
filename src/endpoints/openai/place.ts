// Where an endpoint of the OpenAI dialect stands: what differs between the spellings of one operation.
import type { Exchange } from "../../core/exchange.ts";
import type { ModelPlace } from "../kit/body-reader.ts";

export interface Place {
  /** Answers carry `extra_fields` (the /v1 routes). */
  readonly extraFields: boolean;
  /** A drop-in route's own provider for bare models; null on /v1. */
  readonly ownProvider: string | null;
  /** Where the model is named; absent = in the body. */
  readonly model?: ModelPlace;
}

const AZURE = "azure";
const API_VERSION = /(?:^|&)api-version=/;

/** Clients of Azure name a version in the query: there a bare model of the drop-in route is one of Azure's. */
export function readPlace(exchange: Exchange, place: Place): void {
  const { query } = exchange.request;
  if (query === "" || place.ownProvider === null || !API_VERSION.test(query)) return;
  if (exchange.snapshot.providers.has(AZURE)) exchange.ownProvider = AZURE;
}
