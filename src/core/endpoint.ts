// What an endpoint (a URL in a client's dialect) gives the corridor. Declared beside the exchange that it reads and fills.
export type { Endpoint, ErrorAnswer, RawPatch } from "./exchange.ts";
