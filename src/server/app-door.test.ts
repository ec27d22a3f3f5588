// Checks the way from a request to the one who answers it, and the answers that the door gives by itself.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "../core/errors.ts";
import type { Exchange } from "../core/exchange.ts";
import type { InboundRequest } from "../core/http.ts";
import { TestReply, type TestRequest, testRequest, testSnapshot } from "../core/testing.ts";
import { ManualClock } from "../lib/clock.ts";
import { headerBlock, NO_HEADERS } from "../lib/header-block.ts";
import { createDoor, type DoorParts } from "./app-door.ts";

const BODY = '{"model":"m","messages":[{"role":"user","content":"hi"}]}';

interface Seen {
  exchange?: Exchange;
  refused?: GatewayError | null;
  control?: InboundRequest;
  common?: string;
  released: number;
  reply: TestReply;
}

const NO_LOGIN = { mode: "none", closesInference: false } as const;

/** Sends one request through a door and tells who got it. */
function send(request: TestRequest, parts: Partial<DoorParts> = {}): Seen {
  const seen: Seen = { released: 0, reply: new TestReply() };
  const snapshot = testSnapshot();
  const door = createDoor({
    snapshot: () => snapshot,
    run: (exchange, refused) => Object.assign(seen, { exchange, refused }),
    control: { handle: (control, _reply, common) => Object.assign(seen, { control, common }) },
    health: () => ({ status: 200, body: '{"status":"ok"}' }),
    login: () => NO_LOGIN,
    operatorRefusal: async () => null,
    ids: (now) => `id-${now}`,
    clock: new ManualClock(5_000),
    ...parts,
  });
  const headers = { host: "localhost:8080", "content-type": "application/json", ...request.headers };
  door.handle(testRequest({ body: BODY, onRelease: () => seen.released++, ...request, headers }), seen.reply);
  return seen;
}

function errorCode(reply: TestReply): string {
  return `${reply.status} ${(JSON.parse(reply.body) as { error: { code: string } }).error.code}`;
}

test("hands a decoded request to the pipeline with an id and the time", () => {
  const { exchange, refused, released } = send({ target: "/v1/chat/completions?beta=true" });
  assert.equal(refused, null);
  assert.equal(exchange?.id, "id-5000");
  assert.equal(exchange?.acceptedAt, 5_000);
  assert.equal(exchange?.model, "m");
  assert.equal(released, 0);
});

test("takes Anthropic's messages with the beta query", () => {
  const { exchange } = send({
    target: "/anthropic/v1/messages?beta=true",
    body: BODY.replace("{", '{"max_tokens":1,'),
  });
  assert.equal(exchange?.endpoint.dialect, "anthropic");
});

test("hands what cannot be decoded to the pipeline too, so that it is answered and recorded there", () => {
  const { exchange, refused, reply } = send({ body: "{" });
  assert.equal(refused?.code, "invalid_json");
  assert.ok(exchange !== undefined);
  assert.equal(reply.started, false);
});

test("begins every answer of the pipeline with the security headers, and with those of CORS where a page asked", () => {
  const { exchange, reply } = send({ headers: { origin: "http://localhost:3000" } });
  exchange?.reply.answer(200, headerBlock([["x-own", "1"]]), [Buffer.from("x")]);
  for (const [name, value] of [
    ["x-frame-options", "DENY"],
    ["x-content-type-options", "nosniff"],
    ["content-security-policy", "frame-ancestors 'none'"],
    ["access-control-allow-origin", "http://localhost:3000"],
    ["x-own", "1"],
  ] as const)
    assert.equal(reply.header(name), value, name);
  assert.equal(reply.header("strict-transport-security"), undefined);
  const secure = send({ peer: { secure: true } });
  secure.exchange?.reply.start(200, NO_HEADERS, []);
  assert.match(secure.reply.header("strict-transport-security") ?? "", /^max-age=\d+$/);
});

test("is transparent for the pipeline: listener, state, writes", () => {
  const { exchange, reply } = send({});
  const listener = { onGone() {}, onDrain() {} };
  const wrapped = exchange?.reply;
  assert.ok(wrapped !== undefined);
  wrapped.listener = listener;
  assert.equal(reply.listener, listener);
  assert.equal(wrapped.started, false);
  assert.equal(wrapped.start(200, NO_HEADERS, [Buffer.from("a")]), true);
  wrapped.write([Buffer.from("b")]);
  wrapped.end();
  assert.deepEqual([reply.body, reply.ended, wrapped.started, wrapped.gone], ["ab", true, true, false]);
});

test("answers an unknown path in the dialect of its prefix and gives the body back", () => {
  const openai = send({ target: "/v1/chat/completion" });
  assert.equal(errorCode(openai.reply), "404 not_found");
  assert.match(openai.reply.body, /did you mean \/v1\/chat\/completions\?/);
  assert.equal(openai.released, 1);
  assert.equal(openai.reply.header("x-frame-options"), "DENY");
  const anthropic = send({ target: "/anthropic/v1/message" });
  assert.equal((JSON.parse(anthropic.reply.body) as { type: string }).type, "error");
});

test("answers a wrong method with 405 and the methods that are taken", () => {
  for (const method of ["GET", "PUT", "DELETE", "TRACE", "FOO"]) {
    const { reply, exchange } = send({ method });
    assert.equal(errorCode(reply), "405 method_not_allowed");
    assert.equal(reply.header("allow"), "POST, HEAD, OPTIONS");
    assert.equal(exchange, undefined);
  }
  assert.equal(send({ method: "POST", target: "/v1/models" }).reply.header("allow"), "GET, HEAD, OPTIONS");
  assert.equal(send({ method: "POST", target: "/health" }).reply.status, 405);
  assert.equal(send({ method: "POST", target: "/metrics" }).reply.status, 405);
});

test("answers HEAD and OPTIONS as clients that only look expect it", () => {
  for (const target of ["/anthropic", "/anthropic/", "/v1/chat/completions", "/openai/v1", "/anthropic/v1/messages"]) {
    const { reply, exchange } = send({ method: "HEAD", target });
    assert.deepEqual([reply.status, reply.body, exchange], [200, "", undefined], target);
  }
  const { reply } = send({ method: "OPTIONS" });
  assert.deepEqual([reply.status, reply.header("allow"), reply.body], [204, "POST, HEAD, OPTIONS", ""]);
});

const ask = (origin: string) =>
  send({
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "x-bf-vk" },
  });

test("answers preflights: allowed, and 403 for pages that may not call", () => {
  const allowed = ask("http://localhost:3000").reply;
  assert.equal(allowed.status, 204);
  assert.equal(allowed.header("access-control-allow-origin"), "http://localhost:3000");
  assert.equal(allowed.header("access-control-allow-headers"), "x-bf-vk");
  assert.equal(allowed.header("access-control-max-age"), "86400");
  const refused = ask("https://evil.com").reply;
  assert.equal(errorCode(refused), "403 foreign_origin");
  assert.equal(refused.header("access-control-allow-origin"), undefined);
});

test("lets no foreign page spend: its requests reach neither the pipeline nor the control plane", () => {
  for (const target of [
    "/v1/chat/completions",
    "/openai/embeddings",
    "/anthropic/v1/messages",
    "/v1/models",
    "/api/config",
    "/metrics",
    "/",
  ])
    for (const origin of ["https://evil.com", "null"])
      for (const method of ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"]) {
        const seen = send({ method, target, headers: { origin } });
        assert.deepEqual(
          [seen.exchange, seen.control, seen.reply.status],
          [undefined, undefined, 403],
          `${method} ${target}`,
        );
        assert.equal(seen.reply.header("access-control-allow-origin"), undefined);
        assert.equal(seen.released, 1);
      }
});

test("serves inference by any Host and management only by names that cannot be rebound", () => {
  const host = { host: "gateway.example.com" };
  assert.ok(send({ headers: host }).exchange !== undefined);
  assert.ok(send({ method: "GET", target: "/v1/models", headers: host }).control !== undefined);
  assert.equal(send({ method: "GET", target: "/health", headers: host }).reply.status, 200);
  for (const target of ["/", "/metrics", "/ws", "/docs", "/api/version", "/ui/x"]) {
    const { reply, control } = send({ method: "GET", target, headers: host });
    assert.deepEqual([errorCode(reply), control], ["421 foreign_host", undefined], target);
  }
});

test("hands management requests over with the lines that every answer begins with, HEAD as GET", () => {
  const seen = send({ method: "GET", target: "/api/logs?limit=1" });
  assert.equal(seen.control?.target, "/api/logs?limit=1");
  assert.match(seen.common ?? "", /^x-frame-options: DENY\r\n/);
  assert.equal(seen.released, 0);
  const head = send({ method: "HEAD", target: "/v1/models/?provider=openai" });
  assert.deepEqual(
    [head.control?.method, head.control?.target, head.control?.path],
    ["GET", "/v1/models?provider=openai", "/v1/models"],
  );
});

test("answers health from memory, also before there is a configuration", () => {
  for (const parts of [{}, { snapshot: () => null }]) {
    const { reply } = send({ method: "GET", target: "/health" }, parts);
    assert.deepEqual(
      [reply.status, reply.body, reply.header("content-type")],
      [200, '{"status":"ok"}', "application/json"],
    );
  }
  assert.equal(
    send({ method: "GET", target: "/health" }, { health: () => ({ status: 503, body: "{}" }) }).reply.status,
    503,
  );
});

test("asks to come back while there is no configuration yet", () => {
  for (const target of ["/v1/chat/completions", "/api/config", "/"]) {
    const { reply, released } = send({ target }, { snapshot: () => null });
    assert.equal(errorCode(reply), "503 control_plane_unavailable");
    assert.equal(reply.header("retry-after"), "1");
    assert.equal(released, 1);
  }
});

test("names the operations that are known and not offered", () => {
  const { reply } = send({ target: "/v1/responses" });
  assert.equal(errorCode(reply), "400 unsupported_operation");
  assert.match(reply.body, /responses is not supported by this gateway yet/);
  assert.equal(send({ method: "GET", target: "/genai/v1beta/models" }).reply.status, 400);
});

test("bounds bodies by the configuration for inference and by 10 MB elsewhere", () => {
  const settings = { maxRequestBodyBytes: 123 };
  const door = createDoor({
    snapshot: () => testSnapshot(settings),
    run: () => undefined,
    control: { handle: () => undefined },
    health: () => ({ status: 200, body: "" }),
    login: () => NO_LOGIN,
    operatorRefusal: async () => null,
    ids: () => "id",
    clock: new ManualClock(),
  });
  const { headers } = testRequest();
  assert.equal(door.bodyLimit("POST", "/v1/chat/completions", headers), 123);
  assert.equal(door.bodyLimit("POST", "/api/config", headers), 10 * 1024 * 1024);
  assert.equal(door.bodyLimit("POST", "/nothing", headers), 10 * 1024 * 1024);
});

test("words what the codec refuses in the dialect of the path", () => {
  const door = createDoor({
    snapshot: () => null,
    run: () => undefined,
    control: { handle: () => undefined },
    health: () => ({ status: 200, body: "" }),
    login: () => NO_LOGIN,
    operatorRefusal: async () => null,
    ids: () => "id",
    clock: new ManualClock(),
  });
  const error = new GatewayError("body_too_large", "too large");
  const openai = door.refuse(error, null, null);
  assert.equal(openai.status, 413);
  assert.match(openai.headers, /^x-frame-options: DENY\r\n/);
  assert.match(Buffer.from(openai.body).toString(), /"code":"body_too_large"/);
  assert.match(
    Buffer.from(door.refuse(error, "/anthropic/v1/messages", null).body).toString(),
    /"type":"request_too_large"/,
  );
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("the playground is inference as the virtual key that the operator names by its id", async () => {
  const seen = send({ target: "/api/playground/chat/completions", headers: { "x-bf-playground-vk": "vk-7" } });
  await settled();
  assert.equal(seen.exchange?.actsAs, "vk-7");
  assert.equal(seen.exchange.app, "playground");
  assert.equal(seen.exchange.endpoint.extraFields, true);
  assert.equal(seen.refused, null);
  const nobody = send({ target: "/api/playground/chat/completions" });
  await settled();
  assert.equal(nobody.exchange?.actsAs, null);
});

test("the playground is closed to who may not manage, and nothing of it is run or recorded", async () => {
  const error = new GatewayError("unauthorized", "this needs the login");
  const seen = send({ target: "/api/playground/chat/completions" }, { operatorRefusal: async () => error });
  await settled();
  assert.equal(errorCode(seen.reply), "401 unauthorized");
  assert.equal(seen.exchange, undefined);
  assert.equal(seen.released, 1);
});

test("the playground obeys the rules of management paths: Host, Origin, content type, method", () => {
  const target = "/api/playground/chat/completions";
  assert.match(errorCode(send({ target, headers: { host: "evil.example" } }).reply), /^421 /);
  assert.match(errorCode(send({ target, headers: { origin: "https://evil.example" } }).reply), /^403 /);
  assert.match(errorCode(send({ target, headers: { "content-type": "text/plain" } }).reply), /^415 /);
  assert.match(errorCode(send({ target, method: "GET", body: "" }).reply), /^405 /);
});

test("a call of inference by credentials stays one, whatever it says of the playground", () => {
  const { exchange } = send({ target: "/v1/chat/completions", headers: { "x-bf-playground-vk": "vk-7" } });
  assert.equal(exchange?.actsAs, undefined);
});
