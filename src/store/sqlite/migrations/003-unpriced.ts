// Which models were asked for without a price: found without a look at the sums of all that have one.
export const unpriced = {
  name: "003-unpriced",
  sql: `CREATE INDEX cost_hours_unpriced ON cost_hours (hour) WHERE unpriced > 0;`,
} as const;
