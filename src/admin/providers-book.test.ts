// The routes over the real book, in memory: every shape is made, read, taken back without a change, and never shows a secret.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testBook } from "../config/book/fixtures/house.ts";
import { controlRoutes } from "./control-routes.ts";
import { callRoute, testHouse } from "./fixtures/house.ts";
import type { AdminHouse } from "./house.ts";
import { createRouter } from "./router.ts";

/** Parsed; tests look into any shape. */
type Shown = ReturnType<typeof JSON.parse>;

async function started() {
  const { book } = await testBook();
  const house: AdminHouse = { ...testHouse(), book };
  const handler = createRouter(controlRoutes(house));
  return async (method: string, target: string, body?: unknown): Promise<Shown> => {
    const { status, json, text } = await callRoute(handler, method, target, body === undefined ? {} : { body });
    assert.equal(status, 200, `${method} ${target}: ${text}`);
    return json;
  };
}

const plain = (value: string): Shown => ({ value, env_var: "", from_env: false });

const SHAPES: Readonly<Record<string, Shown>> = {
  openai: {
    keys: [
      { name: "o", value: plain("sk-secret-0123456789"), models: ["gpt-4o"], weight: 0.5, aliases: { a: "b" } },
      { name: "p", value: "env.NOT_SET_HERE" },
    ],
    openai_config: { disable_store: true },
    send_back_raw_response: true,
    concurrency_and_buffer_size: { concurrency: 7, buffer_size: 70 },
  },
  azure: {
    keys: [
      {
        name: "west",
        value: { value: "azure-secret-0123456789", type: "plain" },
        azure_key_config: {
          endpoint: plain("https://west.openai.azure.com"),
          api_version: plain("2024-10-21"),
          client_secret: plain("entra-secret-0123456789"),
          deployments: { "gpt-4o": "four" },
        },
      },
    ],
  },
  ollama: { keys: [{ name: "local", ollama_key_config: { url: plain("http://127.0.0.1:11434") } }] },
  vertex: {
    keys: [{ name: "g", vertex_key_config: { project_id: "p", auth_credentials: '{"key":"vertex-secret"}' } }],
  },
  bedrock: {
    keys: [
      {
        name: "a",
        bedrock_key_config: { access_key: "AKIA-secret-0123", secret_key: plain("aws-secret-01234567"), region: "x" },
      },
    ],
  },
  groq: {
    keys: [{ name: "g", value: "sk-secret-g-012345" }],
    network_config: {
      extra_headers: { "x-org": "header-secret-0123456789", "x-star": "*", "x-ref": "env.HOME" },
      retry_backoff_initial_ms: 100,
      retry_backoff_max: "2s",
      stream_idle_timeout_in_seconds: 7,
    },
    proxy_config: {
      type: "http",
      url: "http://127.0.0.1:3128",
      username: "u",
      password: plain("proxy-secret-0123456789"),
    },
  },
  "ein eigener ü": {
    network_config: { base_url: "http://127.0.0.1:9/prefix" },
    custom_provider_config: {
      base_provider_type: "openai",
      is_key_less: true,
      allowed_requests: { chat_completion: true, embedding: false },
      request_path_overrides: { chat_completion: "/chat" },
    },
  },
};

/** Without what every change renews. */
function lasting(shown: Shown): Shown {
  const { updated_at: _at, config_hash: _hash, warnings: _told, ...rest } = shown;
  return { ...rest, ...(Array.isArray(rest.keys) ? { keys: rest.keys.map(lasting) } : {}) };
}

describe("over the real book", () => {
  for (const [name, body] of Object.entries(SHAPES))
    it(`${name} is made, read, taken back without a change, and deleted`, async () => {
      const call = await started();
      const path = `/api/providers/${encodeURIComponent(name)}`;
      const made = await call("PUT", path, body);
      const shown = await call("GET", path);
      assert.deepEqual(shown, JSON.parse(JSON.stringify({ ...made, warnings: undefined })));
      assert.deepEqual(lasting(await call("PUT", path, shown)), lasting(shown));
      for (const key of shown.keys) {
        const one = `${path}/keys/${key.id}`;
        assert.deepEqual(lasting(await call("PUT", one, await call("GET", one))), lasting(key));
      }
      const again = await call("GET", path);
      assert.deepEqual(lasting(again), lasting(shown));
      for (const secret of JSON.stringify(body).match(/[\w-]*secret[\w-]+/g) ?? [])
        if (!/_|secret$/.test(secret)) assert.ok(!JSON.stringify(again).includes(secret), `${secret} is shown`);
      await call("DELETE", path);
    });

  it("blocks are taken back as they were shown", async () => {
    const call = await started();
    await call("PUT", "/api/config", {
      client_config: { enforce_governance_header: true, required_headers: ["x-a"], drop_excess_requests: true },
      auth_config: { admin_username: "ada", admin_password: "a-secret-password", is_enabled: true },
    });
    await call("PUT", "/api/proxy-config", { enabled: true, url: "http://127.0.0.1:3128", password: "proxy-secret-1" });
    await call("POST", "/api/config/metadata", {
      token: "not-for-eyes",
      list: [{ api_key: "nor-this-one" }],
      plain: 1,
    });
    const shown = await call("GET", "/api/config");
    assert.doesNotMatch(JSON.stringify(shown), /a-secret|proxy-secret|not-for-eyes|nor-this-one|argon2/);
    await call("PUT", "/api/config", shown);
    await call("PUT", "/api/proxy-config", await call("GET", "/api/proxy-config"));
    await call("POST", "/api/config/metadata", shown.metadata);
    assert.deepEqual(await call("GET", "/api/config"), shown);
  });
});
