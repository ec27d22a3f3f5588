// DELETE /api/logs and GET /api/logs/dropped: what the writer of the log does, and what it had to leave out.
import { GatewayError } from "../core/errors.ts";
import type { PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { jsonAnswer } from "./answers.ts";
import type { Route } from "./router.ts";
import { readBody } from "./strict-body.ts";
import type { WrittenLog } from "./written-log.ts";

interface LogHouse {
  readonly writtenLog: WrittenLog;
}

const MOST_IDS = 1000;

export function writtenLogRoutes(house: LogHouse): Route[] {
  return [
    {
      method: "DELETE",
      path: "/api/logs",
      demands: "write",
      handle(request) {
        const ids = readIds(request);
        const deleted = house.writtenLog.remove(ids);
        return jsonAnswer({ message: "Logs deleted successfully", deleted, not_found: ids.length - deleted });
      },
    },
    {
      method: "GET",
      path: "/api/logs/dropped",
      demands: "read",
      handle() {
        const { onLoop, inWriter, content } = house.writtenLog.dropped;
        return jsonAnswer({
          dropped_requests: onLoop + inWriter,
          dropped_on_loop: onLoop,
          dropped_in_writer: inWriter,
          dropped_content: content,
        });
      },
    },
  ];
}

function readIds(request: PlaneRequest): string[] {
  const { ids, ...rest } = readBody(request);
  const other = Object.keys(rest)[0];
  if (other !== undefined)
    throw new GatewayError("invalid_request", `unknown member '${other.slice(0, 100)}': rows are deleted by 'ids'`, {
      param: other.slice(0, 100),
    });
  const isList = Array.isArray(ids) && ids.length > 0 && ids.every((id) => typeof id === "string" && id !== "");
  if (!isList || ids.length > MOST_IDS)
    throw new GatewayError("invalid_request", `'ids' must be a list of 1 to ${MOST_IDS} ids of requests`, {
      param: "ids",
    });
  return [...new Set(ids as string[])];
}
