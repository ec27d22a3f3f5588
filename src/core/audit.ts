// The audit of management: who changed what, when and from where; its rows, its store, and the request that a change belongs to.
import { AsyncLocalStorage } from "node:async_hooks";
import type { JsonValue } from "./json.ts";

/** One thing that was done or refused. No secret is in it. */
export interface AuditRow {
  /** Unix ms. */
  readonly at: number;
  /** Name of the login; empty: nobody logged in, `address` tells. */
  readonly actor: string;
  /** IP address of the caller. */
  readonly address: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Kind of what was changed: `provider`, `virtual-key`, `block`, `session`, … */
  readonly entity: string;
  /** Empty where there is none. */
  readonly entityId: string;
  readonly entityName: string;
  /** Null: it was not there. */
  readonly before: JsonValue;
  /** Null: it is gone. Of an act that changes no entity: what was asked for. */
  readonly after: JsonValue;
  readonly outcome: "done" | "refused";
  /** HTTP status of the answer. */
  readonly status: number;
  /** Why it was refused, as a code and the member that is to blame; otherwise empty. */
  readonly reason: string;
}

export interface StoredAuditRow extends AuditRow {
  /** Grows with time. */
  readonly id: number;
}

/** Newest first. */
export interface AuditQuery {
  readonly entity?: string | undefined;
  readonly entityId?: string | undefined;
  /** A login's name or an address. */
  readonly actor?: string | undefined;
  /** Unix ms, both inclusive. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly limit: number;
  readonly offset: number;
}

export interface AuditPage {
  readonly rows: readonly StoredAuditRow[];
  /** Of all pages. */
  readonly total: number;
}

/** Part of the configuration store. Rows beyond AUDIT_LIMITS are forgotten, the oldest first, a few with every new one. */
export interface AuditStore {
  /** Durable when it resolves. Rejects with StoreUnavailableError. */
  saveAudit(rows: readonly AuditRow[]): Promise<void>;
  audit(query: AuditQuery): Promise<AuditPage>;
}

/** How long rows are kept, ms, and how many. */
export const AUDIT_LIMITS = { age: 90 * 24 * 60 * 60 * 1000, rows: 100_000 } as const;

/** The management request under way. Whoever changes an entity for it writes the rows with the change. */
export interface AuditScope {
  readonly at: number;
  /** A login sets it when it succeeds. */
  actor: string;
  readonly address: string;
  readonly method: string;
  readonly path: string;
  /** How many rows were written with changes. */
  written: number;
}

/** Follows a request through its promises; empty outside of audited requests, as when the file is taken in. */
export const auditScope = new AsyncLocalStorage<AuditScope>();
