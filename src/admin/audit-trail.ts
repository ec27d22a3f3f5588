// Leaves a row in the audit for every management call that changes something, done or refused, and for failed logins.
import {
  type AuditPage,
  type AuditQuery,
  type AuditRow,
  type AuditScope,
  type AuditStore,
  auditScope,
} from "../core/audit.ts";
import { type JsonObject, type JsonValue, StoreUnavailableError } from "../core/config-store.ts";
import { GatewayError, toGatewayError } from "../core/errors.ts";
import type { Caller } from "../core/login.ts";
import type { PlaneAnswer, PlaneRequest } from "../lib/channel/bridge-responder.ts";

export interface AuditTrailParts {
  /** Null while nothing was read yet. */
  readonly store: () => AuditStore | null;
  /** Name of the login in force; empty: there is none. */
  readonly login: () => string;
  /** Told of rows about something done that could not be written. */
  readonly onTrouble: (row: AuditRow, error: unknown) => void;
  readonly now: () => number;
}

/** A call that is to leave a row. */
export interface AuditedCall {
  readonly request: PlaneRequest;
  /** Null: the route is open to everybody. */
  readonly caller: Caller | null;
  readonly parameters: Readonly<Record<string, string>>;
}

/** What a row has where nothing is known. */
const NO_CALL = { actor: "", method: "", path: "", entityId: "", entityName: "", before: null } as const;
/** Rows that wait for a store that can be written; older ones are told and given up. */
const MOST_WAITING = 1000;
/** Failed logins that are kept in an hour: guessing must not push everything else out of the audit. */
const MOST_GUESSES = 30;
const HOUR = 3_600_000;
/** What an act was asked for is kept as far as it can hold no secret: numbers, switches, and these texts. */
const TEXTS = new Set(["note", "reason", "mode", "start_time", "end_time", "override_mode"]);
const LONGEST_TEXT = 500;

export class AuditTrail {
  readonly #parts: AuditTrailParts;
  #waiting: AuditRow[] = [];
  #guesses = { since: 0, kept: 0, left: 0 };

  constructor(parts: AuditTrailParts) {
    this.#parts = parts;
  }

  /** Throws GatewayError while the store cannot be read. */
  async read(query: AuditQuery): Promise<AuditPage> {
    try {
      return await this.#store().audit(query);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      throw new GatewayError("store_unavailable", `${error.message}; try again later`, { retryAfter: 5 });
    }
  }

  #store(): AuditStore {
    const store = this.#parts.store();
    if (store === null) throw new StoreUnavailableError("it is not open yet");
    return store;
  }

  /**
   * Runs the call. Changed entries write their rows themselves, with the change: both are there or none. Any other outcome leaves
   * one here, right after it; when that cannot be written the answer says so, the process log tells it, and it is tried again.
   */
  async run(call: AuditedCall, handle: () => PlaneAnswer | Promise<PlaneAnswer>): Promise<PlaneAnswer> {
    const scope = this.#scopeOf(call);
    let answer: PlaneAnswer;
    try {
      answer = await auditScope.run(scope, async () => await handle());
    } catch (error) {
      // whoever is refused at an open door is a stranger, and could fill the audit: failed logins are told by `guess`
      if (call.caller === null) throw error;
      const { status, code, param } = toGatewayError(error);
      // a member that nobody knows may be called anything
      const isKnown = param !== undefined && /^[a-z0-9_.[\]]{1,60}$/.test(param);
      await this.#save(rowOf(scope, call, { status, reason: isKnown ? `${code} ${param}` : code }));
      throw error;
    }
    const isRefused = answer.status >= 400;
    if (scope.written > 0 && !isRefused) return answer;
    const isSaved = await this.#save(rowOf(scope, call, { status: answer.status, reason: "" }));
    return isSaved || isRefused
      ? answer
      : { ...answer, headers: [...answer.headers, ["x-drawbridge-audit", "pending"]] };
  }

  /** Somebody at this address failed to prove the login or the setup token. */
  guess(address: string): void {
    const now = this.#parts.now();
    const before = this.#guesses;
    if (now - before.since >= HOUR) this.#guesses = { since: now, kept: 0, left: 0 };
    if (this.#guesses.kept >= MOST_GUESSES) {
      this.#guesses.left++;
      return;
    }
    this.#guesses.kept++;
    const left = this.#guesses === before ? 0 : before.left;
    void this.#save({
      ...NO_CALL,
      at: now,
      address,
      entity: "session",
      after: left === 0 ? null : { failed_logins_not_kept: left },
      outcome: "refused",
      status: 401,
      reason: "failed login",
    });
  }

  #scopeOf({ request, caller }: AuditedCall): AuditScope {
    return {
      at: this.#parts.now(),
      actor: caller === "operator" ? this.#parts.login() : "",
      address: request.peer.address,
      method: request.method,
      path: request.path.split("/").map(withoutSecret).join("/").slice(0, LONGEST_TEXT),
      written: 0,
    };
  }

  /** Whether it is stored. What could not be written before goes first. */
  async #save(row: AuditRow): Promise<boolean> {
    const rows = [...this.#waiting, row];
    this.#waiting = [];
    try {
      await this.#store().saveAudit(rows);
      return true;
    } catch (error) {
      // what was refused changed nothing, and the store itself has told its trouble
      if (row.outcome === "done") this.#parts.onTrouble(row, error);
      this.#waiting = [...rows, ...this.#waiting].slice(-MOST_WAITING);
      return false;
    }
  }
}

function rowOf(
  scope: AuditScope,
  call: AuditedCall,
  end: { readonly status: number; readonly reason: string },
): AuditRow {
  const { at, actor, address, method, path } = scope;
  const id = withoutSecret(Object.values(call.parameters)[0] ?? "");
  const isRefused = end.status >= 400;
  return {
    ...NO_CALL,
    at,
    actor,
    address,
    method,
    path,
    entity: entityOf(path),
    entityId: id,
    after: isRefused ? null : askedIn(call.request.body),
    outcome: isRefused ? "refused" : "done",
    ...end,
  };
}

/** Somebody may ask for a key by its secret. */
function withoutSecret(segment: string): string {
  return segment.startsWith("sk-") || segment.length > LONGEST_NAME ? "<redacted>" : segment;
}

/** `/api/governance/virtual-keys/7/rotate` → `virtual-key`. */
function entityOf(path: string): string {
  const [name = ""] = path.replace(/^\/(?:api\/)?(?:governance\/)?/, "").split("/");
  return name.replace(/(?<=[a-z])s$/, "");
}

function askedIn(body: Uint8Array): JsonValue {
  if (body.length === 0 || body.length > LARGEST_BODY) return null;
  let given: unknown;
  try {
    given = JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return null;
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) return null;
  const kept = Object.entries(given as JsonObject).filter(([name, value]) => isPlain(name, value));
  return kept.length === 0 ? null : (Object.fromEntries(kept) as JsonObject);
}

const LARGEST_BODY = 64 * 1024;

function isPlain(name: string, value: JsonValue): boolean {
  if (typeof value === "number" || typeof value === "boolean") return name.length <= LONGEST_NAME;
  return typeof value === "string" && TEXTS.has(name) && value.length <= LONGEST_TEXT;
}

const LONGEST_NAME = 60;
