// What is filtered and summed stands by columns: blocks of rows that are read whole, and sums by time kept longer than rows.

/*
 * A block holds the facts of some rows as arrays, and its own dictionaries: whatever is asked for, a query reads blocks
 * one after the other and looks at the columns it needs. Each transaction writes one block, small ones are merged. Rows
 * themselves are only read by their number. `rolled_*`: so many of a block's rows are in the sums of that length.
 * The index by virtual key has nobody left who asks it. `log_older`: the last row from before that has no block yet.
 */
export const columns = {
  name: "005-columns",
  sql: `
CREATE TABLE log_blocks (
  id INTEGER PRIMARY KEY,
  tier INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  first_time INTEGER NOT NULL,
  last_time INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  rolled_minute INTEGER NOT NULL DEFAULT 0,
  rolled_hour INTEGER NOT NULL DEFAULT 0,
  rolled_day INTEGER NOT NULL DEFAULT 0,
  words TEXT NOT NULL,
  facts BLOB NOT NULL
) STRICT;
CREATE INDEX log_blocks_small ON log_blocks (tier) WHERE tier < 9;
CREATE INDEX log_blocks_unrolled ON log_blocks (id) WHERE tier = 9 AND rolled_day < rows;

CREATE TABLE log_rollups (
  scale INTEGER NOT NULL,
  dimension TEXT NOT NULL,
  at INTEGER NOT NULL,
  value TEXT NOT NULL,
  name TEXT NOT NULL,
  requests INTEGER NOT NULL,
  success INTEGER NOT NULL,
  error INTEGER NOT NULL,
  cancelled INTEGER NOT NULL,
  prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  cached_tokens INTEGER NOT NULL,
  cost_nano REAL NOT NULL,
  unpriced INTEGER NOT NULL,
  latency REAL NOT NULL,
  overhead_us INTEGER NOT NULL,
  overhead_count INTEGER NOT NULL,
  retried INTEGER NOT NULL,
  latencies BLOB NOT NULL,
  PRIMARY KEY (scale, dimension, at, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE log_older (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  seq INTEGER NOT NULL
) STRICT;
INSERT INTO log_older SELECT 1, coalesce(max(seq), 0) FROM request_log;

DROP INDEX request_log_virtual_key;
CREATE TABLE log_whole (
  seq INTEGER PRIMARY KEY,
  request BLOB,
  response BLOB
) STRICT;
`,
} as const;
