// How the complexity of requests is told: /api/governance/complexity-analyzer-config, read, replaced, and taken back to what is built in.
import { showComplexity } from "../config/complexity.ts";
import type { JsonObject } from "../core/config-store.ts";
import { jsonAnswer } from "./answers.ts";
import type { AdminHouse } from "./house.ts";
import type { Route } from "./router.ts";
import { withMasked } from "./secret-places.ts";
import { readPutBody } from "./strict-body.ts";
import { Turns } from "./turns.ts";

const PATH = "/api/governance/complexity-analyzer-config";
/** The member of the block `governance` that holds it. */
const MEMBER = "complexity_analyzer_config";

export function complexityRoutes(house: AdminHouse): Route[] {
  const turns = new Turns();
  return [
    { method: "GET", path: PATH, demands: "read", handle: async () => jsonAnswer(shown(house, [])) },
    {
      method: "PUT",
      path: PATH,
      demands: "write",
      handle: async (request) => {
        const body = readPutBody(request, MEMBER);
        return jsonAnswer(await turns.take(() => put(house, body)));
      },
    },
    {
      method: "POST",
      path: `${PATH}/reset`,
      demands: "write",
      handle: async () => jsonAnswer(await turns.take(() => put(house, null))),
    },
  ];
}

/** What is left out is as it is built in; null takes everything back to that. */
async function put(house: AdminHouse, wanted: JsonObject | null): Promise<JsonObject> {
  const { book } = house;
  const item = book.block("governance");
  const { [MEMBER]: before, ...rest } = item === undefined ? {} : withMasked(item);
  if (wanted === null && before === undefined) return shown(house, []);
  const { warnings: _told, ...member } = wanted ?? {};
  const body = wanted === null ? rest : { ...rest, [MEMBER]: member };
  const label = "governance";
  const { warnings } = await book.putBlocks([{ name: "governance", body, label }]);
  return shown(house, warnings);
}

function shown(house: AdminHouse, warnings: readonly string[]): JsonObject {
  const { complexity } = house.configuration().snapshot;
  return { ...showComplexity(complexity), ...(warnings.length === 0 ? {} : { warnings }) };
}
