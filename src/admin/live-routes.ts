// GET /api/events, the live stream as SSE, and GET /ws, the same for clients of Bifrost's WebSocket.
import { GatewayError } from "../core/errors.ts";
import type { LiveTopic } from "../core/live.ts";
import type { PlaneAnswer, PlaneRequest } from "../lib/channel/bridge-responder.ts";
import type { LiveHub, Watch } from "./live-hub.ts";
import { readLiveQuery } from "./live-query.ts";
import { socketText } from "./live-socket.ts";
import type { Route } from "./router.ts";

const SSE_HEADERS: readonly (readonly [string, string])[] = [
  ["content-type", "text/event-stream"],
  ["cache-control", "no-store"],
  ["x-accel-buffering", "no"],
];
const SOCKET_TOPICS: ReadonlySet<LiveTopic> = new Set(["requests", "config", "budgets"]);
/** ms after which a browser comes back. */
const COME_BACK = 1000;

export function liveRoutes({ live }: { readonly live: LiveHub }): Route[] {
  return [
    {
      method: "GET",
      path: "/api/events",
      demands: "read",
      handle: (request) => {
        const { topics, filter, since } = readLiveQuery(request);
        const watch: Watch = { topics, filter, since, encode: ({ frame }) => frame, heartbeat: ":\n\n" };
        // an id without data: a viewer that is cut off before the first event comes back to here
        return stream(live, watch, request, `retry: ${COME_BACK}\nid: ${since ?? live.lastId}\n\n`, SSE_HEADERS);
      },
    },
    {
      method: "GET",
      path: "/ws",
      demands: "read",
      handle: (request) => {
        if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") throw noSocket();
        const watch: Watch = {
          topics: SOCKET_TOPICS,
          filter: {},
          since: null,
          encode: ({ event }) => socketText(event),
          heartbeat: "",
        };
        const answer = stream(live, watch, request, "", []);
        return { ...answer, status: 101 };
      },
    },
  ];
}

function stream(
  live: LiveHub,
  watch: Watch,
  { signal }: PlaneRequest,
  first: string,
  headers: PlaneAnswer["headers"],
): PlaneAnswer {
  const viewer = live.join(watch);
  const leave = (): void => live.leave(viewer);
  if (signal.aborted) leave();
  signal.addEventListener("abort", leave, { once: true });
  async function* body(): AsyncGenerator<string> {
    try {
      if (first !== "") yield first;
      yield* viewer.read();
    } finally {
      leave();
    }
  }
  return { status: 200, headers, body: body(), stop: viewer.cut };
}

function noSocket(): GatewayError {
  return new GatewayError(
    "invalid_request",
    "GET /ws opens a WebSocket; the same events as SSE are at GET /api/events",
    {
      status: 426,
    },
  );
}
