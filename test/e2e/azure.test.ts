// Clients of Azure OpenAI against the drop-in prefix: the official SDK's own paths, and every other spelling of them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI, { AuthenticationError, AzureOpenAI, BadRequestError, NotFoundError } from "openai";
import { type FaultUpstream, startFaultUpstream } from "../support/fault-upstream.ts";
import { post, startTestGateway, type TestGateway } from "../support/gateway.ts";

const VIRTUAL_KEY = "sk-bf-azure-clients";
const API_VERSION = "2024-10-21";
const MESSAGES = [{ role: "user" as const, content: "Hello!" }];

let upstream: FaultUpstream;
let gateway: TestGateway;

before(async () => {
  upstream = await startFaultUpstream();
  const { url } = upstream;
  gateway = await startTestGateway({
    config: {
      client: { enforce_auth_on_inference: true },
      providers: {
        azure: {
          keys: [
            {
              name: "eu",
              value: "azure-secret",
              models: ["*"],
              aliases: { "gpt-4o": "big one" },
              azure_key_config: { endpoint: url, api_version: API_VERSION },
            },
          ],
        },
        openai: { keys: [{ name: "o", value: "sk-openai", models: ["*"] }], network_config: { base_url: url } },
        anthropic: { keys: [{ name: "a", value: "sk-ant", models: ["*"] }], network_config: { base_url: url } },
      },
      governance: {
        virtual_keys: [
          {
            name: "azure-clients",
            value: VIRTUAL_KEY,
            provider_configs: ["azure", "openai", "anthropic"].map((provider) => ({
              provider,
              weight: 1,
              allowed_models: ["*"],
              key_ids: ["*"],
            })),
          },
        ],
      },
    },
  });
});

after(async () => {
  await gateway?.stop();
  await upstream.close();
});

function azure(options: ConstructorParameters<typeof AzureOpenAI>[0] = {}): AzureOpenAI {
  const endpoint = options.baseURL === undefined ? { endpoint: `${gateway.url}/openai` } : {};
  return new AzureOpenAI({ ...endpoint, apiKey: VIRTUAL_KEY, apiVersion: API_VERSION, maxRetries: 0, ...options });
}

const lastSeen = () => upstream.requests.at(-1) as FaultUpstream["requests"][number];

async function assertChats(client: OpenAI, model: string): Promise<void> {
  const answer = await client.chat.completions.create({ model, messages: MESSAGES });
  assert.equal(answer.choices[0]?.message.content, "You said: Hello!");
  let text = "";
  for await (const chunk of await client.chat.completions.create({ model, messages: MESSAGES, stream: true }))
    text += chunk.choices[0]?.delta.content ?? "";
  assert.equal(text, "You said: Hello!");
}

test("the official SDK chats, plain and streamed, with its deployment in the path", async () => {
  for (const client of [azure(), azure({ deployment: "gpt-4o" })]) {
    await assertChats(client, "gpt-4o");
    const request = lastSeen();
    assert.equal(request.target, `/openai/deployments/big%20one/chat/completions?api-version=${API_VERSION}`);
    assert.equal(request.key, "azure-secret");
    assert.equal(request.headers["authorization"], undefined);
  }
});

test("the deployment counts, whatever model the body names", async () => {
  await assertChats(azure({ deployment: "mine" }), "another-name");
  assert.match(lastSeen().target, /^\/openai\/deployments\/mine\/chat\/completions/);
  assert.equal((lastSeen().json as { model: string }).model, "mine");
});

test("the SDK's text completions, embeddings and models", async () => {
  const text = await azure().completions.create({ model: "gpt-35-turbo-instruct", prompt: "Hi" });
  assert.equal(text.choices[0]?.text, "You said: Hi");
  assert.equal(lastSeen().target, `/openai/deployments/gpt-35-turbo-instruct/completions?api-version=${API_VERSION}`);
  const vectors = await azure().embeddings.create({ model: "text-embedding-3-small", input: "Hi" });
  assert.ok((vectors.data[0]?.embedding.length ?? 0) > 0);
  assert.match(lastSeen().target, /^\/openai\/deployments\/text-embedding-3-small\/embeddings\?/);
  const ids: string[] = [];
  for await (const model of azure().models.list()) ids.push(model.id);
  assert.ok(ids.includes("azure/echo"), ids.slice(0, 5).join(" "));
});

test("other base URLs of the SDK mean the same", async () => {
  for (const path of [
    "/openai",
    "/openai/v1",
    "/openai/openai/v1",
    "/openai/deployments/gpt-4o",
    "/openai/openai/deployments/gpt-4o",
  ]) {
    await assertChats(azure({ baseURL: gateway.url + path }), "gpt-4o");
    assert.match(lastSeen().target, /^\/openai\/deployments\/big%20one\/chat\/completions/, path);
    assert.equal(lastSeen().key, "azure-secret", path);
  }
});

test("a client of the v1 surface names a version and no deployment: a bare model is still Azure's", async () => {
  const client = new OpenAI({
    apiKey: "unused",
    baseURL: `${gateway.url}/openai/openai/v1`,
    defaultQuery: { "api-version": "preview" },
    maxRetries: 0,
  });
  // Without a virtual key the drop-in's own provider decides; this gateway demands one, so the key's providers do.
  await assert.rejects(client.chat.completions.create({ model: "gpt-4o", messages: MESSAGES }), AuthenticationError);
  const open = await startTestGateway({
    config: {
      providers: {
        openai: { keys: [{ name: "o", value: "sk-openai" }], network_config: { base_url: upstream.url } },
        azure: { keys: [{ name: "z", value: "azure-open", azure_key_config: { endpoint: upstream.url } }] },
      },
    },
  });
  try {
    const bare = { model: "gpt-4o", messages: MESSAGES };
    const versioned = await post(`${open.url}/openai/openai/v1/chat/completions?api-version=preview`, bare);
    assert.equal(versioned.status, 200, versioned.text);
    assert.equal(lastSeen().key, "azure-open");
    await post(`${open.url}/openai/v1/chat/completions`, bare);
    assert.equal(lastSeen().key, "sk-openai");
  } finally {
    await open.stop();
  }
});

test("a deployment may be percent-encoded; one that names a provider crosses to it", async () => {
  await assertChats(azure({ deployment: "my deployment/ü" }), "x");
  assert.match(lastSeen().target, /^\/openai\/deployments\/my%20deployment%2F%C3%BC\/chat/);
  await assertChats(azure({ deployment: "anthropic/claude-x" }), "x");
  assert.equal(lastSeen().target, "/v1/messages");
  assert.equal(lastSeen().key, "sk-ant");
  const raw = await post(
    `${gateway.url}/openai/openai/deployments/openai/gpt-4o/chat/completions?api-version=${API_VERSION}`,
    { messages: MESSAGES },
    { "api-key": VIRTUAL_KEY },
  );
  assert.equal(raw.status, 200, raw.text);
  assert.equal(lastSeen().key, "sk-openai");
  assert.equal((lastSeen().json as { model: string }).model, "gpt-4o");
});

test("fallbacks stand in the body as everywhere", async () => {
  const body = { messages: MESSAGES, fallbacks: ["openai/echo"] };
  const answer = await post(`${gateway.url}/openai/deployments/status-503/chat/completions`, body, {
    "api-key": VIRTUAL_KEY,
  });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers.get("x-bifrost-provider"), "openai");
  assert.equal(answer.headers.get("x-bifrost-fallback-index"), "1");
});

test("a simulation knows the paths with a deployment", async () => {
  const path = `/openai/openai/deployments/gpt-4o/chat/completions?api-version=${API_VERSION}`;
  const body = { path, body: { messages: MESSAGES }, virtual_key: "azure-clients" };
  const answer = await post(`${gateway.url}/api/routing/simulate`, body);
  assert.match(answer.text, /"order":\[\{"provider":"azure","model":"big one"/);
});

test("credentials, operations and paths that are not there", async () => {
  await assert.rejects(
    azure({ apiKey: "sk-bf-nobody" }).chat.completions.create({ model: "gpt-4o", messages: MESSAGES }),
    AuthenticationError,
  );
  await assert.rejects(azure().images.generate({ model: "dall-e-3", prompt: "x" }), (error) => {
    assert.ok(error instanceof BadRequestError);
    assert.equal(error.code, "unsupported_operation");
    return true;
  });
  for (const path of ["d/nothing", "d/chat/nothing", "d", "/chat/completions"]) {
    const answer = await post(`${gateway.url}/openai/openai/deployments/${path}`, { messages: MESSAGES });
    assert.equal(answer.status, 404, path);
    assert.equal((answer.json as { error: { type: string } }).error.type, "not_found_error", path);
  }
  const unknown = azure({ deployment: "status-404" });
  await assert.rejects(unknown.chat.completions.create({ model: "x", messages: MESSAGES }), NotFoundError);
  const wrong = await fetch(`${gateway.url}/openai/openai/deployments/d/chat/completions`);
  assert.equal(wrong.status, 405);
});
