// GET and PATCH /api/settings: single members of the settings, by their paths in config.json.
import type { BlockBody } from "../core/config-book.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import { errorAnswer, type PlaneAnswer } from "../lib/channel/bridge-responder.ts";
import { nearestName } from "../lib/nearest.ts";
import { jsonAnswer } from "./answers.ts";
import { readAuth, readClient, readFramework } from "./config-route-shape.ts";
import type { AdminHouse } from "./house.ts";
import { isObject, own } from "./restore-shown.ts";
import type { Route } from "./router.ts";
import { withMasked } from "./secret-places.ts";
import { FIELDS, type Lock, lockOf, showSettings } from "./settings-read.ts";
import { readBody } from "./strict-body.ts";

const PATH = "/api/settings";
const KNOWN = FIELDS.map(({ path }) => path.join("."));

export function settingsRoutes(house: AdminHouse): Route[] {
  return [
    { method: "GET", path: PATH, demands: "read", handle: () => jsonAnswer(showSettings(house)) },
    {
      method: "PATCH",
      path: PATH,
      demands: "write",
      handle: (request) => patchSettings(house, readBody(request)),
    },
  ];
}

/** All of them or none, by one write of the store; null is back to the default. */
async function patchSettings(house: AdminHouse, given: JsonObject): Promise<PlaneAnswer> {
  const changes = Object.entries(given);
  if (changes.length === 0)
    throw new GatewayError(
      "invalid_request",
      'the body is empty: name members by their paths, as {"client.enable_logging": true}',
    );
  for (const [path] of changes) demandKnown(path);
  const file = house.desk().file();
  for (const [path] of changes) {
    const lock = lockOf(path.split("."), file);
    if (lock !== null) return locked(path, lock, given);
  }
  const names = [...new Set(changes.map(([path]) => path.split(".")[0] as string))];
  const blocks = names.map((name) => blockOf(house, name, changes));
  const { warnings } = await house.book.putBlocks(blocks);
  return jsonAnswer({ message: "settings saved", ...(warnings.length === 0 ? {} : { warnings: [...warnings] }) });
}

function demandKnown(path: string): void {
  if (KNOWN.includes(path)) return;
  const nearest = nearestName(path, KNOWN);
  const hint = nearest === undefined ? "GET /api/settings lists them" : `did you mean '${nearest}'?`;
  const shown = path.slice(0, 100);
  throw new GatewayError("invalid_request", `there is no setting '${shown}'; ${hint}`, { param: shown });
}

/** Nothing is lost: what was wanted comes back as text for the file. */
function locked(path: string, { file, line }: Lock, given: JsonObject): PlaneAnswer {
  const place = line > 0 ? `${file}:${line}` : file;
  const error = new GatewayError(
    "conflict",
    `'${path}' is said by ${place}: change it there and start again; 'patch' is the text to write`,
    { param: path },
  );
  const answer = errorAnswer(error);
  const body = JSON.parse(String(answer.body)) as object;
  const patch = JSON.stringify(nested(given), null, 2);
  return { ...answer, body: JSON.stringify({ ...body, locked: { file, line }, patch }) };
}

/** Members by paths as an object of config.json. */
function nested(given: JsonObject): JsonObject {
  let result: JsonObject = {};
  for (const [path, value] of Object.entries(given)) result = withValue(result, path.split("."), value);
  return result;
}

function withValue(object: JsonObject, path: readonly string[], value: JsonValue): JsonObject {
  const [name = "", ...rest] = path;
  if (rest.length === 0) return { ...object, [name]: value };
  const inner = own(object, name);
  return { ...object, [name]: withValue(isObject(inner) ? inner : {}, rest, value) };
}

/** The block with its changes, read as PUT /api/config reads it. */
function blockOf(house: AdminHouse, name: string, changes: readonly (readonly [string, JsonValue])[]): BlockBody {
  const item = house.book.block(name);
  const stored = item === undefined ? {} : withMasked(item);
  const own = changes.filter(([path]) => path.split(".")[0] === name);
  const members = (start: JsonObject): JsonObject => {
    let body = start;
    for (const [path, value] of own) body = withValue(body, path.split(".").slice(1), value);
    return body;
  };
  // members below a block of their own are joined with what stands there
  const wanted = members(
    Object.fromEntries(heads(own).flatMap((head) => (head in stored ? [[head, stored[head]]] : []))) as JsonObject,
  );
  if (name === "client") return { name, label: name, body: pruned(readClient(wanted, item)) };
  if (name === "auth_config") return { name, label: name, body: readAuth(wanted, item) };
  if (name === "framework") return { name, label: name, body: readFramework(wanted, item) };
  return { name, label: name, body: pruned(members(stored)) };
}

/** Names of the inner blocks that are touched. */
function heads(changes: readonly (readonly [string, JsonValue])[]): string[] {
  return changes.flatMap(([path]) => {
    const [, head, inner] = path.split(".");
    return head === undefined || inner === undefined ? [] : [head];
  });
}

/** Null is back to the default. */
function pruned(body: JsonObject): JsonObject {
  const kept = Object.entries(body).flatMap(([name, value]): [string, JsonValue][] => {
    if (value === null) return [];
    return [[name, isObject(value) ? pruned(value) : value]];
  });
  return Object.fromEntries(kept) as JsonObject;
}
