// Walks the blocks of the log, and picks from each the rows that a query asks for.
import type { DatabaseSync } from "node:sqlite";
import type { LogQuery } from "../../core/stores.ts";
import { BLOCK_COLUMNS, type StoredBlock, storedBlock } from "./block-store.ts";
import type { LogBlock } from "./log-block.ts";
import { FACT, hashOf, NO_COUNT } from "./row-facts.ts";

/** Rows of a block by their place in it. */
export interface Picked extends StoredBlock {
  readonly rows: readonly number[];
}

export interface ScanRange {
  /** Unix ms, both inclusive. */
  readonly from: number;
  readonly to: number;
  readonly order: "asc" | "desc";
}

/** The time that a query asks for. */
export function rangeOf(query: LogQuery): ScanRange {
  const { startTime = -Infinity, endTime = Infinity } = query;
  return { from: startTime, to: endTime, order: query.order };
}

/** The blocks that may hold rows of a time, those with the newest rows first, or with the oldest. */
export function* blocksOf(database: DatabaseSync, range: ScanRange): Generator<StoredBlock & BlockTimes> {
  const order = range.order === "desc" ? "last_time DESC, id DESC" : "first_time, id";
  const places = database
    .prepare(
      `SELECT id, first_time AS first, last_time AS last FROM log_blocks WHERE last_time >= ? AND first_time <= ? ORDER BY ${order}`,
    )
    .all(bounded(range.from), bounded(range.to)) as unknown as (BlockTimes & { id: number })[];
  const load = database.prepare(`SELECT ${BLOCK_COLUMNS} FROM log_blocks WHERE id = ?`);
  for (const { id, first, last } of places) {
    const row = load.get(id);
    if (row !== undefined) yield { ...storedBlock(row), first, last };
  }
}

export interface BlockTimes {
  /** Unix ms of the oldest and of the newest row. */
  readonly first: number;
  readonly last: number;
}

function bounded(time: number): number {
  return Math.max(-8.64e15, Math.min(8.64e15, Math.trunc(time)));
}

type Test = (row: number) => boolean;

/** The rows of a block that a query asks for; its content search is not looked at. */
export function pick(block: LogBlock, query: LogQuery): number[] {
  const tests = testsOf(block, query);
  if (tests === null) return [];
  const rows: number[] = [];
  for (let row = 0; row < block.rows; row++) {
    let isWanted = true;
    for (const test of tests) {
      if (test(row)) continue;
      isWanted = false;
      break;
    }
    if (isWanted) rows.push(row);
  }
  return rows;
}

/** What the rows of this block must hold; null = none of them does. */
function testsOf(block: LogBlock, query: LogQuery): Test[] | null {
  const tests = [...numberTests(block, query)];
  for (const [name, values] of wordFilters(query)) {
    const test = wordTest(block, name, values);
    if (test === false) return null;
    if (test !== true) tests.push(test);
  }
  return tests;
}

/** Dimensions with the values of which one must match. */
function wordFilters(query: LogQuery): [name: string, values: readonly string[]][] {
  const all: [string, readonly string[] | undefined][] = [
    ["provider", query.providers],
    ["model", query.models],
    ["requested_model", query.requestedModels],
    ["virtual_key", query.virtualKeyIds],
    ["selected_key", query.selectedKeyIds],
    ["team", query.teamIds],
    ["customer", query.customerIds],
    ["user", query.userIds],
    ["app", query.apps],
    ["user_agent", query.userAgents],
    ["session", query.sessionIds],
    ["routing_rule", query.routingRuleIds],
    ["routing_engine", query.routingEngines],
    ["stop_reason", query.stopReasons],
    ["object", query.objects],
    ...Object.entries(query.tags ?? {}).map(([name, values]): [string, readonly string[]] => [`tag:${name}`, values]),
  ];
  return all.filter((entry): entry is [string, readonly string[]] => entry[1] !== undefined);
}

/** True: all rows hold it; false: none does. */
function wordTest(block: LogBlock, name: string, values: readonly string[]): Test | boolean {
  const { words, index } = block.dimension(name);
  const isWanted = new Uint8Array(words.length);
  let wanted = 0;
  words.forEach((word, number) => {
    if (!values.includes(word)) return;
    isWanted[number] = 1;
    wanted++;
  });
  if (wanted === 0) return false;
  if (wanted === words.length || index === null) return true;
  return (row) => isWanted[index[row] as number] === 1;
}

function* numberTests(block: LogBlock, query: LogQuery): Generator<Test> {
  const { time, latency, cost, flags, client } = block;
  yield* bounds(query.startTime, query.endTime, (row) => time[row] as number);
  yield* bounds(query.minLatency, query.maxLatency, (row) => latency[row] as number);
  yield* bounds(query.minCost, query.maxCost, (row) => cost[row] as number);
  yield* bounds(query.minTokens, query.maxTokens, (row) => tokensOf(block, row));
  if (query.status !== undefined) {
    const wanted: number[] = query.status.map((status) =>
      status === "success" ? 0 : FACT[status === "error" ? "error" : "cancelled"],
    );
    yield (row) => wanted.includes((flags[row] as number) & (FACT.error | FACT.cancelled));
  }
  if (query.stream !== undefined) yield flagTest(flags, FACT.stream, query.stream);
  if (query.missingCostOnly === true) yield flagTest(flags, FACT.unpriced, true);
  if (query.retriedOnly === true) yield flagTest(flags, FACT.retried, true);
  if (query.clientRequestId !== undefined) {
    const hash = hashOf(query.clientRequestId);
    yield (row) => client[row] === hash;
  }
}

function flagTest(flags: Uint8Array, flag: number, isSet: boolean): Test {
  const wanted = isSet ? flag : 0;
  return (row) => ((flags[row] as number) & flag) === wanted;
}

/** What is not a number is in no bounds. */
function* bounds(least: number | undefined, most: number | undefined, value: (row: number) => number): Generator<Test> {
  if (least !== undefined) yield (row) => value(row) >= least;
  if (most !== undefined) yield (row) => value(row) <= most;
}

/** Of input and output together; NaN = neither is known. */
export function tokensOf(block: LogBlock, row: number): number {
  const input = block.input[row] as number;
  const output = block.output[row] as number;
  if (input === NO_COUNT && output === NO_COUNT) return Number.NaN;
  return (input === NO_COUNT ? 0 : input) + (output === NO_COUNT ? 0 : output);
}

/** Whether a query asks for rows by anything but their time. */
export function hasFilters(query: LogQuery): boolean {
  return (
    wordFilters(query).length > 0 ||
    [
      query.minLatency,
      query.maxLatency,
      query.minCost,
      query.maxCost,
      query.minTokens,
      query.maxTokens,
      query.status,
      query.stream,
      query.clientRequestId,
      query.contentSearch,
    ].some((value) => value !== undefined && value !== "") ||
    query.missingCostOnly === true ||
    query.retriedOnly === true
  );
}

/** The only dimension that a query filters by, with its values; null = by another thing, or by several. */
export function onlyDimension(query: LogQuery): [name: string, values: readonly string[]] | null {
  const words = wordFilters(query);
  if (words.length !== 1) return null;
  const { startTime, endTime, sortBy, order, limit, offset } = query;
  const [name, values] = words[0] as [string, readonly string[]];
  const rest: LogQuery = { ...query, ...cleared, startTime, endTime, sortBy, order, limit, offset };
  return hasFilters(rest) ? null : [name, values];
}

const cleared = {
  providers: undefined,
  models: undefined,
  requestedModels: undefined,
  virtualKeyIds: undefined,
  selectedKeyIds: undefined,
  teamIds: undefined,
  customerIds: undefined,
  userIds: undefined,
  apps: undefined,
  userAgents: undefined,
  sessionIds: undefined,
  routingRuleIds: undefined,
  routingEngines: undefined,
  stopReasons: undefined,
  objects: undefined,
  tags: undefined,
} as const;
