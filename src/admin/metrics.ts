// GET /metrics: the series of all loops as Prometheus text.
import { textAnswer } from "./answers.ts";
import type { Route } from "./router.ts";

export function metricsRoute(render: () => string): Route {
  return {
    method: "GET",
    path: "/metrics",
    demands: "metrics",
    handle: () => textAnswer(render(), "text/plain; version=0.0.4; charset=utf-8"),
  };
}
