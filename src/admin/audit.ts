// GET /api/audit: who changed what, when and from where, newest first.
import type { AuditQuery, StoredAuditRow } from "../core/audit.ts";
import type { JsonObject } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import { nearestName } from "../lib/nearest.ts";
import { jsonAnswer } from "./answers.ts";
import type { AdminHouse } from "./house.ts";
import type { Route } from "./router.ts";

const NAMES = ["entity", "entity_id", "actor", "since", "until", "limit", "offset"];
const USUAL = 50;
const MOST = 1000;

export function auditRoute(house: AdminHouse): Route {
  return {
    method: "GET",
    path: "/api/audit",
    demands: "read",
    handle: async (request) => {
      const query = readQuery(request.query);
      const { rows, total } = await house.audit.read(query);
      return jsonAnswer({ audit: rows.map(shown), total, limit: query.limit, offset: query.offset });
    },
  };
}

/** Throws GatewayError naming the parameter at fault. */
function readQuery(parameters: URLSearchParams): AuditQuery {
  for (const name of parameters.keys()) {
    if (NAMES.includes(name)) continue;
    const nearest = nearestName(name, NAMES);
    refuse(name, `is no parameter of the audit${nearest === undefined ? "" : `; did you mean '${nearest}'?`}`);
  }
  const text = (name: string): string | undefined => parameters.get(name) || undefined;
  return {
    entity: text("entity"),
    entityId: text("entity_id"),
    actor: text("actor"),
    since: timeOf(text("since"), "since"),
    until: timeOf(text("until"), "until"),
    limit: numberOf(text("limit"), "limit", USUAL, MOST),
    offset: numberOf(text("offset"), "offset", 0, Number.MAX_SAFE_INTEGER),
  };
}

/** RFC 3339; a plus sign that nobody escaped arrives as a space. */
function timeOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const isTime = /^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+ -]\d\d:\d\d))?$/.test(text);
  const time = isTime ? Date.parse(text.replace(/ (\d\d:\d\d)$/, "+$1")) : Number.NaN;
  if (Number.isNaN(time)) refuse(name, "must be a time such as 2026-05-01T12:00:00Z");
  return time;
}

function numberOf(text: string | undefined, name: string, usual: number, most: number): number {
  if (text === undefined) return usual;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most)) refuse(name, `must be a whole number from 0 to ${most}`);
  return value;
}

function refuse(name: string, text: string): never {
  throw new GatewayError("invalid_request", `'${name.slice(0, 100)}' ${text}`, { param: name.slice(0, 100) });
}

function shown(row: StoredAuditRow): JsonObject {
  return {
    id: row.id,
    timestamp: new Date(row.at).toISOString(),
    actor: row.actor,
    address: row.address,
    method: row.method,
    path: row.path,
    entity: row.entity,
    entity_id: row.entityId,
    entity_name: row.entityName,
    before: row.before,
    after: row.after,
    outcome: row.outcome,
    status: row.status,
    reason: row.reason,
  };
}
