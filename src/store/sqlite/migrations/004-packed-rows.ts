// Rows as they come from the loop: columns for what is filtered, sorted and summed, everything else packed in one value.

/*
 * What is read only with the whole row takes a third of the room when packed, and nobody has to unpack it in order to
 * store it. Its words are numbers of the dictionary that it came with; they stand here once for each start of a process.
 * Rows from before have no detail and stay as they are.
 */
export const packedRows = {
  name: "004-packed-rows",
  sql: `
ALTER TABLE request_log ADD COLUMN detail BLOB;
CREATE TABLE log_words (
  dictionary INTEGER NOT NULL,
  number INTEGER NOT NULL,
  word TEXT NOT NULL,
  PRIMARY KEY (dictionary, number)
) STRICT, WITHOUT ROWID;
`,
} as const;
