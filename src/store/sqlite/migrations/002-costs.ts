// What requests cost: owners and unpriced rows, hourly sums for forecasts and reports, and the work of pricing rows anew.

/*
 * Hourly sums stand by owner first, for that is how they are read; keys without a team or a customer pay nothing for the
 * other two indexes. Sums have a number, by which they are added to at a fifth of the cost. Rows from before have no cost and count as unpriced; their sums are made here once.
 */
export const costs = {
  name: "002-costs",
  sql: `
ALTER TABLE request_log ADD COLUMN unpriced INTEGER NOT NULL DEFAULT 1;
ALTER TABLE request_log ADD COLUMN team_id TEXT;
ALTER TABLE request_log ADD COLUMN team_name TEXT;
ALTER TABLE request_log ADD COLUMN customer_id TEXT;
ALTER TABLE request_log ADD COLUMN customer_name TEXT;

CREATE TABLE cost_hours (
  id INTEGER PRIMARY KEY,
  virtual_key_id TEXT NOT NULL,
  hour INTEGER NOT NULL,
  team_id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  requests INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cost_nano INTEGER NOT NULL,
  unpriced INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX cost_hours_key ON cost_hours (virtual_key_id, hour, team_id, customer_id, provider, model);
CREATE INDEX cost_hours_team ON cost_hours (team_id, hour) WHERE team_id <> '';
CREATE INDEX cost_hours_customer ON cost_hours (customer_id, hour) WHERE customer_id <> '';
INSERT INTO cost_hours (virtual_key_id, hour, team_id, customer_id, provider, model,
    requests, errors, input_tokens, output_tokens, cost_nano, unpriced)
  SELECT coalesce(virtual_key_id, ''), timestamp / 3600000, '', '', provider, model, count(*), sum(status = 'error'),
    coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0), coalesce(sum(cost_nano), 0), count(*)
  FROM request_log GROUP BY 1, 2, 5, 6;

CREATE TABLE cost_job (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  job TEXT NOT NULL
) STRICT;
CREATE TABLE cost_differences (
  virtual_key_id TEXT NOT NULL,
  team_id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  nano INTEGER NOT NULL,
  PRIMARY KEY (virtual_key_id, team_id, customer_id, provider, model)
) STRICT, WITHOUT ROWID;
`,
} as const;
