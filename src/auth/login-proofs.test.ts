// The loop's side of the login: who is let through at once, who is asked for, what is remembered and what is not.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoint } from "../core/endpoint.ts";
import type { GatewayError } from "../core/errors.ts";
import type { Exchange } from "../core/exchange.ts";
import type { LoginCredentials, Proof } from "../core/login.ts";
import { testExchange, testRequest } from "../core/testing.ts";
import { LoginProofs } from "./login-proofs.ts";

const PROVEN: Proof = { proven: true, until: 2_000, retryAfter: 0 };
const NOT: Proof = { proven: false, until: 0, retryAfter: 0 };
const BASIC = { host: "localhost:8080", authorization: "Basic YWRtaW46eA==" };

function loop(isThere = true) {
  const state = { time: 1_000 };
  const asked: { id: number; credentials: LoginCredentials; address: string }[] = [];
  const runs = new Map<Exchange, (GatewayError | null)[]>();
  const proofs = new LoginProofs({
    run: (exchange, refused) => runs.get(exchange)?.push(refused),
    ask(id, credentials, address) {
      if (isThere) asked.push({ id, credentials, address });
      return isThere;
    },
    openRoutes: () => ["/api/open"],
    now: () => state.time,
  });
  proofs.change({ mode: "login", closesInference: true });
  /** What becomes of a call for a model. */
  const call = (headers: Record<string, string>, address = "192.0.2.1") => {
    const told: (GatewayError | null)[] = [];
    const exchange = testExchange({} as Endpoint, { headers, peer: { address, loopback: false } });
    runs.set(exchange, told);
    proofs.admit(exchange, null);
    return told;
  };
  return { proofs, asked, call, state };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test("nobody is asked where the login leaves inference open, or none is set", () => {
  for (const mode of ["none", "setup", "login"] as const) {
    const { proofs, asked, call } = loop();
    proofs.change({ mode, closesInference: false });
    assert.deepEqual(call({}), [null]);
    assert.equal(asked.length, 0);
  }
});

test("without virtual key and login a call is 401 at once", () => {
  const { asked, call } = loop();
  const [refused] = call({ host: "localhost:8080" });
  assert.equal(refused?.status, 401);
  assert.match(refused?.message ?? "", /^virtual key is required\. Provide a virtual key via the x-bf-vk header\./);
  assert.equal(asked.length, 0);
});

test("an unknown virtual key is left to the phase that refuses it", () => {
  const { asked, call } = loop();
  assert.deepEqual(call({ host: "localhost:8080", "x-bf-vk": "nobody's" }), [null]);
  assert.equal(asked.length, 0);
});

test("credentials are checked by the control plane and remembered for as long as it says, for their address", async () => {
  const { proofs, asked, call, state } = loop();
  const first = call(BASIC);
  assert.equal(first.length, 0, "waits");
  assert.equal(asked[0]?.credentials.authorization, BASIC.authorization);
  proofs.receive(asked[0]?.id ?? 0, PROVEN);
  await settle();
  assert.deepEqual(first, [null]);
  call(BASIC);
  await settle();
  assert.equal(asked.length, 1);
  call(BASIC, "192.0.2.2");
  assert.equal(asked.length, 2, "another address is another caller");
  state.time = 2_000;
  call(BASIC);
  assert.equal(asked.length, 3);
});

test("what is wrong is refused, slowed down as the control plane says, and not remembered", async () => {
  const { proofs, asked, call } = loop();
  const wrong = call(BASIC);
  proofs.receive(1, NOT);
  const slow = call(BASIC);
  proofs.receive(2, { ...NOT, retryAfter: 42 });
  await settle();
  assert.equal(wrong[0]?.status, 401);
  assert.equal(slow[0]?.status, 429);
  assert.equal(slow[0]?.retryAfter, 42);
  assert.equal(asked.length, 2);
});

test("a change of the login forgets what was proven before, also what is under way", async () => {
  const { proofs, asked, call } = loop();
  call(BASIC);
  proofs.receive(1, PROVEN);
  await settle();
  call(BASIC, "192.0.2.2");
  proofs.change({ mode: "login", closesInference: true });
  proofs.receive(2, PROVEN);
  await settle();
  call(BASIC);
  call(BASIC, "192.0.2.2");
  assert.equal(asked.length, 4);
});

test("without a control plane a login is 503, at once and for whoever waits", async () => {
  const gone = loop(false);
  const refused = gone.call(BASIC);
  await settle();
  assert.equal(refused[0]?.status, 503);
  const { proofs, call } = loop();
  const waiting = call(BASIC);
  proofs.lost();
  await settle();
  assert.equal(waiting[0]?.status, 503);
});

test("no more than 256 wait at the same time", async () => {
  const { asked, call } = loop();
  const calls = Array.from({ length: 300 }, (_, n) => call(BASIC, `192.0.2.${n % 250}`));
  await settle();
  assert.equal(asked.length, 256);
  assert.equal(calls.filter((told) => told[0]?.status === 503).length, 44);
});

test("tells another plane who makes a management request", async () => {
  const { proofs, asked } = loop();
  const from = (loopback: boolean, headers: Record<string, string> = {}, target = "/api/logs") =>
    proofs.caller(
      testRequest({ method: "GET", target, headers: { host: "localhost:8080", ...headers }, peer: { loopback } }),
    );
  proofs.change({ mode: "none", closesInference: false });
  assert.equal(await from(true), "operator");
  assert.equal(await from(false), "remote");
  assert.equal(await from(true, { "x-forwarded-for": "1.2.3.4" }), "remote");
  proofs.change({ mode: "setup", closesInference: false });
  assert.equal(await from(true), "operator");
  assert.equal(await from(false), "unset");
  proofs.change({ mode: "login", closesInference: true });
  assert.equal(await from(true), "stranger");
  assert.equal(await from(false, {}, "/api/open"), "admitted");
  assert.equal(asked.length, 0);
  const waiting = from(false, BASIC);
  await settle();
  proofs.receive(asked[0]?.id ?? 0, PROVEN);
  assert.equal(await waiting, "operator");
});
