// The built-in page: complete, without scripts or foreign resources, and with every value escaped.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { controlRoutes } from "./control-routes.ts";
import { callRoute, ENTITIES, keyEntity, providerEntity, testHouse, virtualKeyEntity } from "./fixtures/house.ts";
import { createRouter } from "./router.ts";

function opening(house = testHouse()) {
  const handler = createRouter(controlRoutes(house));
  return (headers: Record<string, string> = {}, loopback = true) =>
    callRoute(handler, "GET", "/", { headers, loopback });
}

describe("the page", () => {
  it("says what runs, names the providers and shows how to call it at this address", async () => {
    const { status, text, headers } = await opening()({ host: "gateway.localhost:9000" });
    assert.equal(status, 200);
    assert.equal(headers["content-type"], "text/html; charset=utf-8");
    for (const part of [
      "1.2.3",
      "/etc/drawbridge/config.json",
      "openai",
      "azure",
      "ready",
      "curl http://gateway.localhost:9000/v1/chat/completions",
    ])
      assert.ok(text.includes(part), part);
    for (const link of ["/api/logs", "/metrics", "/health", "/v1/models"])
      assert.ok(text.includes(`href="${link}"`), link);
  });

  it("brings its style by hash and nothing else", async () => {
    const { text, headers } = await opening()();
    const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    assert.ok(headers["content-security-policy"]?.includes(`style-src 'sha256-${hash}'`));
    assert.match(headers["content-security-policy"] ?? "", /default-src 'none'/);
    assert.doesNotMatch(text, /<script|style="|\son\w+=|src="http|href="http/);
  });

  it("escapes what comes from the configuration and the caller", async () => {
    const entities = [...ENTITIES, { ...providerEntity("azure", [keyEntity("k")]), source: "<b>x</b>" }];
    const { text } = await opening(testHouse(entities))({ host: '"><script>alert(1)</script>.localhost' });
    assert.doesNotMatch(text, /<b>x|<script/);
    assert.ok(text.includes("&lt;b&gt;x&lt;/b&gt;"));
    assert.ok(text.includes("http://127.0.0.1:8080/v1"));
  });

  it("shows keys that rest, and no secret", async () => {
    const house = testHouse();
    house.keys.set("id-west", { restUntil: house.time + 1000, reason: "rate limited", probing: false });
    const { text } = await opening(house)();
    assert.ok(text.includes("1 of 1 keys: rate limited"));
    assert.doesNotMatch(text, /sk-west/);
  });

  it("shows the limits of virtual keys, and only to those at this machine", async () => {
    const budgets = [{ id: "b", maxLimitNano: "10000000000", resetDuration: "1d" }];
    const house = testHouse([...ENTITIES, { ...virtualKeyEntity("tier-of-one", []), budgets }]);
    const { text } = await opening(house)();
    assert.ok(text.includes("<tr><td>tier-of-one</td><td>$10 per 1d</td></tr>"));
    assert.doesNotMatch((await opening(house)({}, false)).text, /tier-of-one/);
    assert.doesNotMatch((await opening()()).text, /Limits/);
  });

  it("tells no path of this machine to callers elsewhere", async () => {
    const { text } = await opening()({}, false);
    assert.doesNotMatch(text, /\/etc\/drawbridge/);
  });

  it("tells which store cannot be written, and why to those at this machine", async () => {
    const log = { ok: false, reason: "/var/lib/logs.db: the disk is <full>" };
    const house = { ...testHouse(), stores: () => ({ config: { ok: true, reason: "" }, log, logOffBy: null }) };
    const near = (await opening(house)()).text;
    assert.ok(near.includes("The request log cannot be written: /var/lib/logs.db: the disk is &lt;full&gt;."), near);
    assert.doesNotMatch(near, /The configuration cannot be written/);
    assert.doesNotMatch((await opening(house)({}, false)).text, /\/var\/lib/);
    assert.doesNotMatch((await opening()()).text, /cannot be written/);
  });

  it("has an icon", async () => {
    const handler = createRouter(controlRoutes(testHouse()));
    const { status, headers } = await callRoute(handler, "GET", "/favicon.ico");
    assert.equal(status, 200);
    assert.equal(headers["content-type"], "image/svg+xml");
  });
});
