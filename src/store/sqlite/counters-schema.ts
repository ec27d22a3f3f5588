// The tables of a counters file: counters, what loops hold of them, what crashes left uncertain, and postings by hand.

export const COUNTERS_VERSION = 2;

export const COUNTERS_SCHEMA = `
CREATE TABLE store_state (one INTEGER PRIMARY KEY, store TEXT NOT NULL, next_term INTEGER NOT NULL, turn INTEGER NOT NULL) STRICT;
CREATE TABLE counters (
  handle INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, max_limit INTEGER NOT NULL,
  hard INTEGER NOT NULL, spec TEXT NOT NULL, override TEXT, anchor INTEGER NOT NULL, credited INTEGER NOT NULL,
  window INTEGER NOT NULL, start INTEGER NOT NULL, used INTEGER NOT NULL, uncertain INTEGER NOT NULL, slices BLOB,
  settled_ever INTEGER NOT NULL, owner TEXT NOT NULL, told INTEGER NOT NULL,
  unpriced INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX counters_owner ON counters (owner);
CREATE TABLE crossings (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, counter TEXT NOT NULL, owner TEXT NOT NULL, threshold INTEGER NOT NULL,
  used INTEGER NOT NULL, max_limit INTEGER NOT NULL, window INTEGER NOT NULL, resets_at INTEGER) STRICT;
CREATE TABLE leases (
  handle INTEGER NOT NULL, loop TEXT NOT NULL, node TEXT NOT NULL, term INTEGER NOT NULL, window INTEGER NOT NULL,
  held INTEGER NOT NULL, reserved INTEGER NOT NULL, ahead INTEGER NOT NULL, recalled INTEGER NOT NULL, turn INTEGER NOT NULL,
  PRIMARY KEY (handle, loop)) STRICT, WITHOUT ROWID;
CREATE INDEX leases_node ON leases (node, turn);
CREATE TABLE nodes (
  id TEXT PRIMARY KEY, beat INTEGER NOT NULL, expired INTEGER NOT NULL, applied INTEGER NOT NULL, adopted INTEGER NOT NULL,
  progress INTEGER NOT NULL) STRICT;
CREATE TABLE loops (id TEXT PRIMARY KEY, node TEXT NOT NULL, taken INTEGER NOT NULL, seen INTEGER NOT NULL) STRICT;
CREATE TABLE uncertain (
  handle INTEGER NOT NULL, loop TEXT NOT NULL, request INTEGER NOT NULL, amount INTEGER NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (handle, loop, request)) STRICT, WITHOUT ROWID;
CREATE INDEX uncertain_loop ON uncertain (loop);
CREATE TABLE postings (
  handle INTEGER NOT NULL, key TEXT NOT NULL, type TEXT NOT NULL, amount INTEGER NOT NULL, note TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (handle, key)) STRICT, WITHOUT ROWID;
`;

/** What makes a file of the first version one of this. */
export const COUNTERS_FROM_1 = "ALTER TABLE counters ADD COLUMN unpriced INTEGER NOT NULL DEFAULT 0";
