// For how long and up to which size the request log is kept, as the configuration says now.
import type { Ledger } from "./ledger.ts";

export interface LogRetention {
  readonly days: number;
  /** Of the log with its content; 0 = any size. */
  readonly maxBytes: number;
}

const DAYS = 365;
const MEGABYTES = 10_240;

/** `logs_store.retention_days` of the file comes before what the block `client` says, which the API may change. */
export function logRetention(ledger: Ledger): LogRetention {
  const { log_retention_days: days, log_max_size_mb: megabytes } = ledger.blocks.get("client")?.body ?? {};
  return {
    days: ledger.file.logDays ?? (typeof days === "number" ? days : DAYS),
    maxBytes: (typeof megabytes === "number" ? megabytes : MEGABYTES) * 1024 * 1024,
  };
}
