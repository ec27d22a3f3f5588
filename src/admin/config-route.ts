// The routes of /api/config: what concerns the whole gateway, read and changed by blocks, and the free-form state of management pages.
import type { ConfigBook, ItemFacts } from "../core/config-book.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import { jsonAnswer } from "./answers.ts";
import { readAuth, readClient, readFramework, showAuth, showClient, showFramework } from "./config-route-shape.ts";
import type { AdminHouse } from "./house.ts";
import { showProxyConfig } from "./proxy-config.ts";
import { refuseUnknown } from "./read-json.ts";
import { own, sameJson } from "./restore-shown.ts";
import type { Route } from "./router.ts";
import { withMasked } from "./secret-places.ts";
import { readBody } from "./strict-body.ts";

const PATH = "/api/config";
const METADATA_BYTES = 256 * 1024;

/** The changeable blocks: their name in the API, in the book, and how they are read. */
const BLOCKS: readonly (readonly [string, string, (given: JsonValue, item: ItemFacts | undefined) => JsonObject])[] = [
  ["client_config", "client", readClient],
  ["framework_config", "framework", readFramework],
  ["auth_config", "auth_config", readAuth],
];

/** Blocks that have a route of their own. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  proxy_config: "PUT /api/proxy-config",
  metadata: "POST /api/config/metadata",
};

/** Facts that answers hold and changes ignore. */
const FACTS = [
  "is_db_connected",
  "is_cache_connected",
  "is_logs_connected",
  "is_object_storage_connected",
  "env_label",
  "restart_required",
  "warnings",
];

export function configRoutes(house: AdminHouse): Route[] {
  return [
    { method: "GET", path: PATH, demands: "read", handle: (request) => jsonAnswer(readConfig(house, request.query)) },
    {
      method: "PUT",
      path: PATH,
      demands: "write",
      handle: async (request) => jsonAnswer(await putConfig(house, readBody(request))),
    },
    {
      method: "POST",
      path: `${PATH}/metadata`,
      demands: "write",
      handle: async (request) => jsonAnswer(await putMetadata(house.book, readBody(request))),
    },
  ];
}

/** What is in force is what the store holds, so `from_db=true` asks only whether there is a store. */
function readConfig(house: AdminHouse, query: URLSearchParams): JsonObject {
  const stores = house.stores();
  if (query.get("from_db") === "true" && stores.config === null)
    throw new GatewayError("store_unavailable", "there is no configuration store: config_store.enabled is false");
  return showConfig(house);
}

function showConfig(house: AdminHouse): JsonObject {
  const { book } = house;
  const stores = house.stores();
  const { envLabel } = house.facts();
  const reason = restartReason(house);
  const metadata = book.block("metadata");
  return {
    client_config: showClient(book.block("client")),
    framework_config: showFramework(book.block("framework")),
    auth_config: showAuth(book.block("auth_config")),
    is_db_connected: stores.config?.ok === true,
    is_cache_connected: false,
    is_logs_connected: stores.log?.ok === true,
    is_object_storage_connected: false,
    ...(envLabel === null ? {} : { env_label: envLabel }),
    proxy_config: showProxyConfig(house),
    ...(reason === null ? {} : { restart_required: { required: true, reason } }),
    metadata: metadata === undefined ? {} : withMasked(metadata),
  };
}

/** Everything else is in force as soon as it is answered. */
function restartReason(house: AdminHouse): string | null {
  const stores = house.stores();
  const isWanted = house.configuration().snapshot.settings.loggingEnabled;
  if (isWanted && stores.logOffBy === "client.enable_logging")
    return "client.enable_logging was false when the gateway started: the request log is opened at a start";
  return null;
}

/** All blocks or none, by one write of the store. */
async function putConfig(house: AdminHouse, body: JsonObject): Promise<JsonObject> {
  const { book } = house;
  refuseUnknown(body, [...BLOCKS.map(([name]) => name), ...Object.keys(ELSEWHERE), ...FACTS]);
  for (const [name, route] of Object.entries(ELSEWHERE)) refuseElsewhere(showConfig(house), body, name, route);
  const changes = BLOCKS.flatMap(([name, block, read]) => {
    const given = own(body, name);
    if (given === undefined || given === null) return [];
    const item = book.block(block);
    const wanted = read(given, item);
    return sameJson(wanted, item === undefined ? {} : withMasked(item))
      ? []
      : [{ name: block, body: wanted, label: name }];
  });
  const { warnings } = changes.length === 0 ? { warnings: [] } : await book.putBlocks(changes);
  return {
    status: "success",
    message: "configuration updated successfully",
    ...(warnings.length === 0 ? {} : { warnings: [...warnings] }),
  };
}

/** Sent back as it was shown it changes nothing; changed, it would be lost without a word. */
function refuseElsewhere(shown: JsonObject, body: JsonObject, name: string, route: string): void {
  const given = own(body, name);
  if (given === undefined || given === null || sameJson(given, own(shown, name) ?? null)) return;
  throw new GatewayError("invalid_request", `'${name}' is changed by ${route}`, { param: name });
}

/** Members are joined with those that are kept; null takes one away. */
async function putMetadata(book: ConfigBook, body: JsonObject): Promise<JsonObject> {
  const item = book.block("metadata");
  const merged = { ...(item === undefined ? {} : withMasked(item)), ...body };
  const metadata = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)) as JsonObject;
  if (Buffer.byteLength(JSON.stringify(metadata)) > METADATA_BYTES)
    throw new GatewayError("body_too_large", `the metadata would be larger than ${METADATA_BYTES / 1024} KB`);
  await book.putBlock("metadata", metadata);
  return { success: true };
}
