// The prepared statements of a counters file. Whole numbers come as BigInt: they have 64 bits.
import type { DatabaseSync, StatementSync } from "node:sqlite";

const COUNTER_COLUMNS =
  "handle, id, kind, max_limit, hard, spec, override, anchor, credited, window, start, used, uncertain, slices, settled_ever, " +
  "owner, told, unpriced";
const LEASE_COLUMNS = "handle, loop, node, term, window, held, reserved, ahead, recalled, turn";

const TEXTS = {
  state: "SELECT next_term, turn FROM store_state",
  saveState: "UPDATE store_state SET next_term = ?, turn = ?",
  counter: `SELECT ${COUNTER_COLUMNS} FROM counters WHERE handle = ?`,
  handleOf: "SELECT handle FROM counters WHERE id = ?",
  counterPage: `SELECT ${COUNTER_COLUMNS} FROM counters WHERE handle > ? ORDER BY handle LIMIT ?`,
  lastHandle: "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'counters'",
  insertCounter: `INSERT INTO counters (${COUNTER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  saveCounter:
    "UPDATE counters SET kind = ?, max_limit = ?, hard = ?, spec = ?, override = ?, anchor = ?, credited = ?, window = ?, " +
    "start = ?, used = ?, uncertain = ?, slices = ?, settled_ever = ?, owner = ?, told = ?, unpriced = ? WHERE handle = ?",
  idsOfOwner: "SELECT id FROM counters WHERE owner = ?",
  addCrossing:
    "INSERT INTO crossings (at, counter, owner, threshold, used, max_limit, window, resets_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  forgetCrossings: "DELETE FROM crossings WHERE id <= ?",
  crossings:
    "SELECT id, at, counter, owner, threshold, used, max_limit, window, resets_at FROM crossings ORDER BY id DESC LIMIT ? OFFSET ?",
  deleteCounter: "DELETE FROM counters WHERE handle = ?",
  deleteLeases: "DELETE FROM leases WHERE handle = ?",
  deletePostings: "DELETE FROM postings WHERE handle = ?",
  deleteUncertain: "DELETE FROM uncertain WHERE handle = ?",
  leasesOf: `SELECT ${LEASE_COLUMNS} FROM leases WHERE handle = ?`,
  saveLease: `INSERT OR REPLACE INTO leases (${LEASE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  deleteLease: "DELETE FROM leases WHERE handle = ? AND loop = ?",
  leaseHandlesOfNode: "SELECT handle, loop FROM leases WHERE node = ?",
  leaseHandlesOfLoop: "SELECT handle FROM leases WHERE loop = ?",
  /** What a node's loops are to be told. */
  endedSince:
    "SELECT l.handle, l.loop, l.term, l.recalled, c.id, l.turn FROM leases l LEFT JOIN counters c ON c.handle = l.handle " +
    "WHERE l.node = ? AND l.turn > ?",
  deleteEmptyLeases: "DELETE FROM leases WHERE node = ? AND held <= 0 AND reserved = 0 AND recalled = 0 AND turn <= ?",
  recalledOf: "SELECT count(*) FROM leases WHERE handle = ? AND recalled = 1",
  node: "SELECT beat, expired, applied, adopted, progress FROM nodes WHERE id = ?",
  nodes: "SELECT id, beat, expired, adopted FROM nodes",
  addNode: "INSERT INTO nodes VALUES (?, 0, 0, 0, 0, 0)",
  keepNode: "INSERT OR IGNORE INTO nodes VALUES (?, 0, 1, 0, 0, 0)",
  setProgress: "UPDATE nodes SET progress = ? WHERE id = ?",
  beat: "UPDATE nodes SET beat = beat + 1, expired = 0 WHERE id = ?",
  mark: "UPDATE nodes SET beat = beat + 1 WHERE id = ?",
  expireNode: "UPDATE nodes SET expired = 1 WHERE id = ?",
  setApplied: "UPDATE nodes SET applied = ?, progress = 0 WHERE id = ?",
  setAdopted: "UPDATE nodes SET adopted = 1 WHERE id = ?",
  deleteNode: "DELETE FROM nodes WHERE id = ?",
  loop: "SELECT node, taken FROM loops WHERE id = ?",
  saveLoop: "INSERT OR REPLACE INTO loops VALUES (?, ?, ?, ?)",
  setTaken: "UPDATE loops SET taken = max(taken, ?), seen = ? WHERE id = ?",
  forgetLoops: "DELETE FROM loops WHERE seen < ? AND node NOT IN (SELECT id FROM nodes)",
  addUncertain: "INSERT OR IGNORE INTO uncertain VALUES (?, ?, ?, ?, ?)",
  uncertainOfLoop: "SELECT handle, request, amount FROM uncertain WHERE loop = ? AND request > 0 ORDER BY request",
  leasesUncertainOfLoop: "SELECT handle, request, amount FROM uncertain WHERE loop = ? AND request = 0",
  dropUncertain: "DELETE FROM uncertain WHERE handle = ? AND loop = ? AND request = ?",
  posting: "SELECT type, amount FROM postings WHERE handle = ? AND key = ?",
  addPosting: "INSERT INTO postings VALUES (?, ?, ?, ?, ?, ?)",
  dataVersion: "PRAGMA data_version",
} as const;

export type CounterStatements = Readonly<Record<keyof typeof TEXTS, StatementSync>>;

export function prepareCounterStatements(database: DatabaseSync): CounterStatements {
  const prepared: Partial<Record<keyof typeof TEXTS, StatementSync>> = {};
  for (const name of Object.keys(TEXTS) as (keyof typeof TEXTS)[]) {
    const statement = database.prepare(TEXTS[name]);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    prepared[name] = statement;
  }
  return prepared as CounterStatements;
}
