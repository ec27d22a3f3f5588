// The table of management routes: what is found, refused, missing, not there yet, and who may call.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { jsonAnswer } from "./answers.ts";
import { controlRoutes } from "./control-routes.ts";
import { callRoute, testHouse } from "./fixtures/house.ts";
import { createRouter, type Route } from "./router.ts";

const control = createRouter(controlRoutes(testHouse()));

describe("the management routes", () => {
  it("answer the version as a JSON string and the metrics as text", async () => {
    const version = await callRoute(control, "GET", "/api/version");
    assert.equal(version.json, "1.2.3");
    const metrics = await callRoute(control, "GET", "/metrics");
    assert.equal(metrics.text, "# HELP x y\nx 1\n");
    assert.equal(metrics.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
  });

  it("answer HEAD where they answer GET", async () => {
    assert.equal((await callRoute(control, "HEAD", "/api/version")).status, 200);
  });

  it("name the nearest route when there is none", async () => {
    const { status, json } = await callRoute(control, "GET", "/api/versoin");
    assert.equal(status, 404);
    assert.match(json.error.message, /Did you mean \/api\/version\?/);
    assert.equal(json.is_bifrost_error, true);
    assert.equal(json.error.code, "not_found");
  });

  it("say which methods a path takes", async () => {
    const { status, headers, json } = await callRoute(control, "DELETE", "/api/version");
    assert.equal(status, 405);
    assert.equal(headers["allow"], "GET, HEAD");
    assert.match(json.error.message, /takes GET, HEAD, not DELETE/);
  });

  it("answer 501 by name for what other gateways have and this one has not yet", async () => {
    for (const [method, path] of [
      ["GET", "/api/plugins"],
      ["POST", "/api/skills"],
      ["PUT", "/api/webhooks/x"],
      ["GET", "/api/audit-logs"],
    ] as const) {
      const { status, json } = await callRoute(control, method, path);
      assert.equal(status, 501, path);
      assert.match(json.error.message, /is not supported yet/);
      assert.ok(json.error.message.includes(path.split("/")[2] as string));
    }
  });

  it("take no name in braces for a route that is not there yet", async () => {
    const route: Route = { method: "GET", path: "/api/{name}", demands: "open", handle: () => jsonAnswer("found") };
    const handler = createRouter([route]);
    assert.equal((await callRoute(handler, "GET", "/api/plugins")).status, 501);
    assert.equal((await callRoute(handler, "GET", "/api/other")).status, 200);
  });

  it("decode names in braces and refuse broken escapes", async () => {
    const route: Route = {
      method: "GET",
      path: "/api/x/{name}",
      demands: "open",
      handle: (_request, names) => jsonAnswer(names),
    };
    const handler = createRouter([route]);
    assert.deepEqual((await callRoute(handler, "GET", "/api/x/a%2Fb")).json, { name: "a/b" });
    assert.equal((await callRoute(handler, "GET", "/api/x/%zz")).status, 404);
    assert.equal((await callRoute(handler, "GET", "/api/x/")).status, 404);
  });
});
