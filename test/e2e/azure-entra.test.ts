// A key of Azure that is an Entra application: traded for a token once, renewed before it ends, and told plainly when it is refused.
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import { type FaultUpstream, startFaultUpstream } from "../support/fault-upstream.ts";
import { post, startTestGateway, type TestGateway } from "../support/gateway.ts";

const SECRET = "planted-entra-secret";
const ASK = { model: "azure/gpt-4o", messages: [{ role: "user", content: "Hello!" }] };

/** What the authority was asked, and how it answers. */
const asked: { url: string; body: URLSearchParams }[] = [];
let lifetime = 3600;
let refuses = false;
/** A token that the provider does not take. */
let revoked = "";

let authority: Server;
let upstream: FaultUpstream;
let gateway: TestGateway;

/** Requests of the tests before. */
let forgotten = 0;

function forget(): void {
  asked.length = 0;
  forgotten = upstream.requests.length;
}

async function start(): Promise<TestGateway> {
  const { port } = authority.address() as AddressInfo;
  const entra = { tenant_id: "tenant-1", client_id: "client-1", client_secret: SECRET };
  return await startTestGateway({
    environment: { AZURE_AUTHORITY_HOST: `http://127.0.0.1:${port}` },
    config: {
      providers: {
        azure: { keys: [{ name: "e", models: ["*"], azure_key_config: { endpoint: upstream.url, ...entra } }] },
      },
    },
  });
}

before(async () => {
  authority = createServer((request, response) => {
    let body = "";
    request.on("data", (data: Buffer) => (body += data.toString()));
    request.on("end", () => {
      asked.push({ url: request.url ?? "", body: new URLSearchParams(body) });
      response.writeHead(refuses ? 401 : 200, { "content-type": "application/json" });
      const good = { token_type: "Bearer", expires_in: lifetime, access_token: `token-${asked.length}` };
      response.end(JSON.stringify(refuses ? { error: "invalid_client", error_description: SECRET } : good));
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => authority.once("listening", resolve));
  upstream = await startFaultUpstream({
    behaviour: ({ headers }) =>
      revoked !== "" && headers["authorization"] === `Bearer ${revoked}` ? "status-401" : null,
  });
});

beforeEach(async () => {
  await gateway?.stop();
  forget();
  [lifetime, refuses, revoked] = [3600, false, ""];
  gateway = await start();
});

after(async () => {
  await gateway?.stop();
  await upstream?.close();
  authority?.closeAllConnections();
  authority?.close();
});

const chat = () => post(`${gateway.url}/v1/chat/completions`, ASK);
const seen = () => upstream.requests.slice(forgotten);
const bearers = () => seen().map(({ headers }) => headers["authorization"]);

test("requests at once ask for one token, and all carry it", async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, chat));
  for (const answer of answers) assert.equal(answer.status, 200);
  assert.equal(asked.length, 1);
  assert.equal(asked[0]?.url, "/tenant-1/oauth2/v2.0/token");
  assert.deepEqual(Object.fromEntries(asked[0]?.body ?? []), {
    grant_type: "client_credentials",
    client_id: "client-1",
    client_secret: SECRET,
    scope: "https://cognitiveservices.azure.com/.default",
  });
  assert.deepEqual(new Set(bearers()), new Set(["Bearer token-1"]));
  for (const { headers } of seen()) assert.equal(headers["api-key"], undefined);
});

test("a token near its end is renewed behind the requests, one that has ended before them", async () => {
  lifetime = 120;
  await chat();
  assert.equal((await chat()).status, 200);
  await chat();
  assert.ok(asked.length >= 2, "renewed");
  assert.equal(bearers()[0], "Bearer token-1");
  assert.equal(bearers()[1], "Bearer token-1", "nobody waited for it");
  lifetime = 10;
  await gateway.stop();
  forget();
  gateway = await start();
  await chat();
  await chat();
  assert.deepEqual(bearers(), ["Bearer token-1", "Bearer token-2"]);
});

test("a token that the provider does not take any more is traded again", async () => {
  await chat();
  revoked = "token-1";
  assert.equal((await chat()).status, 401);
  assert.equal((await chat()).status, 200);
  assert.deepEqual(bearers(), ["Bearer token-1", "Bearer token-1", "Bearer token-2"]);
});

test("the list of models and the test of a key carry a token too", async () => {
  const keys = (await (await fetch(`${gateway.url}/api/providers/azure/keys`)).json()) as { keys: { id: string }[] };
  const tested = await post(`${gateway.url}/api/providers/azure/keys/${keys.keys[0]?.id}/test`, {});
  assert.equal(tested.status, 200, tested.text);
  assert.equal(tested.json["ok"], true, tested.text);
  const listed = await fetch(`${gateway.url}/v1/models?provider=azure`);
  assert.equal(listed.status, 200);
  await listed.arrayBuffer();
  assert.ok(seen().length >= 2);
  for (const bearer of bearers()) assert.match(String(bearer), /^Bearer token-\d+$/);
});

test("an application that is refused is a rejected key, and its secret is nowhere", async () => {
  refuses = true;
  const answer = await chat();
  assert.equal(answer.status, 401);
  const text = JSON.stringify(answer.json);
  assert.match(text, /giver of its tokens answered with 401/);
  assert.ok(!text.includes(SECRET));
  assert.equal(seen().length, 0);
  await chat();
  assert.equal(asked.length, 1, "it is not asked again for every request");
  const [row] = await gateway.logs(2);
  assert.equal(row?.attempts[0]?.status, null, "the provider was not asked");
  assert.match(String(row?.attempts[0]?.error), /giver of its tokens/);
  assert.ok(!JSON.stringify(row).includes(SECRET));
  assert.ok(!gateway.output().includes(SECRET));
});
