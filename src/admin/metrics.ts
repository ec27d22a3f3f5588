// GET /metrics: the series of all loops as Prometheus text.
import { textAnswer } from "./answers.ts";
import type { Route } from "./router.ts";

export function metricsRoute(render: () => string | Promise<string>): Route {
  return {
    method: "GET",
    path: "/metrics",
    demands: "metrics",
    handle: async () => textAnswer(await render(), "text/plain; version=0.0.4; charset=utf-8"),
  };
}
