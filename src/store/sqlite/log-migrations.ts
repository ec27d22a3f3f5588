// The schema of the log file, step by step.
import { requestLog } from "./migrations/001-request-log.ts";
import { costs } from "./migrations/002-costs.ts";
import { unpriced } from "./migrations/003-unpriced.ts";
import { packedRows } from "./migrations/004-packed-rows.ts";
import { columns } from "./migrations/005-columns.ts";
import type { Migration } from "./open.ts";

/** In order, only ever appended to. */
export const LOG_MIGRATIONS: readonly Migration[] = [requestLog, costs, unpriced, packedRows, columns];
