// The request log: one row per request, its content beside it, and running totals so that nothing has to be counted.

/*
 * Content stands in a table of its own: filters walk the rows, and rows without content are a tenth as long. Three
 * indexes, for each one more makes every insert dearer. The log_totals row is changed in the transaction of the rows.
 */
export const requestLog = {
  name: "001-request-log",
  sql: `
CREATE TABLE request_log (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  timestamp INTEGER NOT NULL,
  object TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  requested_model TEXT NOT NULL,
  status TEXT NOT NULL,
  status_code INTEGER,
  stream INTEGER NOT NULL,
  latency REAL NOT NULL,
  time_to_first_token REAL,
  selected_key_id TEXT NOT NULL,
  selected_key_name TEXT NOT NULL,
  virtual_key_id TEXT,
  virtual_key_name TEXT,
  number_of_retries INTEGER NOT NULL,
  fallback_index INTEGER NOT NULL,
  prompt_tokens INTEGER,
  completion_tokens INTEGER,
  total_tokens INTEGER,
  cached_read_tokens INTEGER,
  cached_write_tokens INTEGER,
  reasoning_tokens INTEGER,
  cost_nano INTEGER,
  stop_reason TEXT,
  error_code TEXT,
  error_type TEXT,
  error_status INTEGER,
  error_message TEXT,
  client_request_id TEXT,
  user_agent TEXT,
  content_hidden INTEGER NOT NULL,
  dropped_params TEXT,
  attempts TEXT NOT NULL,
  decision TEXT
) STRICT;
CREATE UNIQUE INDEX request_log_id ON request_log (id);
CREATE INDEX request_log_timestamp ON request_log (timestamp);
CREATE INDEX request_log_virtual_key ON request_log (virtual_key_id, timestamp);

CREATE TABLE log_content (
  seq INTEGER PRIMARY KEY,
  input TEXT,
  output TEXT
) STRICT;

CREATE TABLE log_totals (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  requests INTEGER NOT NULL DEFAULT 0,
  succeeded INTEGER NOT NULL DEFAULT 0,
  latency REAL NOT NULL DEFAULT 0,
  prompt_tokens INTEGER NOT NULL DEFAULT 0,
  completion_tokens INTEGER NOT NULL DEFAULT 0,
  total_tokens INTEGER NOT NULL DEFAULT 0,
  cost_nano INTEGER NOT NULL DEFAULT 0,
  unpriced INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO log_totals (one) VALUES (1);
`,
} as const;
