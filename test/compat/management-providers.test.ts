// The calls by which Bifrost's pages and scripts manage providers and keys, in the shapes of 1.4 and 2.x, and what the next request does.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ask } from "../support/conversation.ts";
import { type FaultUpstream, startFaultUpstream } from "../support/fault-upstream.ts";
import { startTestGateway, type TestGateway, temporaryFolder } from "../support/gateway.ts";
import { lasting, lastKey, type Management, manage, provider2, provider14, type Shown } from "./management.ts";

let gateway: TestGateway;
let upstream: FaultUpstream;
let api: Management;

before(async () => {
  upstream = await startFaultUpstream();
  gateway = await startTestGateway({ environment: { COMPAT_KEY: "sk-from-the-environment" } });
  api = manage(gateway.url);
});

after(async () => {
  await gateway?.stop();
  await upstream?.close();
});

const asked = (model: string) => ask(gateway.url, { model });
const mask = (secret: string): string => `${secret.slice(0, 4)}${"*".repeat(24)}${secret.slice(-4)}`;
const names = (list: { name: string }[]): string[] => list.map((one) => one.name);

describe("a provider in the shape of 1.4", () => {
  test("is made with its keys in one call and answers at once", async () => {
    const made = await api.post("/api/providers", provider14("four", upstream.url, "sk-four-secret-1"));
    assert.equal(made.name, "four");
    assert.equal(made.provider_status, "active");
    assert.deepEqual(made.concurrency_and_buffer_size, { concurrency: 1000, buffer_size: 5000 });
    assert.equal(made.network_config.base_url, upstream.url);
    assert.equal(made.network_config.default_request_timeout_in_seconds, 30);
    assert.equal(made.network_config.retry_backoff_initial, 500);
    assert.equal(made.custom_provider_config.base_provider_type, "openai");
    assert.equal(made.send_back_raw_response, false);
    assert.equal("warnings" in made, false, JSON.stringify(made.warnings));
    const [key] = made.keys;
    assert.match(key.id, /./);
    assert.deepEqual(
      [
        key.name,
        key.models,
        key.weight,
        key.enabled,
        key.value.value,
        key.value.env_var,
        key.value.from_env,
        key.value.type,
      ],
      ["four-first", ["*"], 1, true, mask("sk-four-secret-1"), "", false, "plain"],
    );
    const reply = await asked("four/echo");
    assert.equal(reply.status, 200, reply.text);
    assert.equal(lastKey(upstream), "sk-four-secret-1");
  });

  test("is there once: a second one of the name is a conflict", async () => {
    const again = await api.call("POST", "/api/providers", provider14("four", upstream.url, "sk-x"));
    assert.equal(again.status, 409, again.text);
    assert.match(again.json.error.message, /four/);
  });

  test("is read one by one and in the list, and taken back as it was read", async () => {
    const shown = await api.get("/api/providers/four");
    const list = await api.get("/api/providers");
    assert.equal(list.total, list.providers.length);
    assert.deepEqual(
      list.providers.find((one: Shown) => one.name === "four"),
      shown,
    );
    assert.deepEqual(lasting(await api.put("/api/providers/four", shown)), lasting(shown));
    assert.equal((await asked("four/echo")).status, 200);
    assert.equal(lastKey(upstream), "sk-four-secret-1");
  });

  test("changes its secret by a PUT of the whole, and keeps those that come back masked", async () => {
    const shown = await api.get("/api/providers/four");
    const more = { name: "four-second", value: "env.COMPAT_KEY", models: ["reserve"], weight: 1 };
    const [first] = shown.keys;
    const changed = await api.put("/api/providers/four", {
      ...shown,
      keys: [{ ...first, value: { value: "sk-four-secret-2", env_var: "", from_env: false } }, more],
    });
    assert.deepEqual(names(changed.keys), ["four-first", "four-second"]);
    assert.equal(changed.keys[0].id, first.id);
    assert.deepEqual(changed.keys[1].value, {
      value: mask("sk-from-the-environment"),
      env_var: "env.COMPAT_KEY",
      from_env: true,
      ref: "env.COMPAT_KEY",
      type: "env",
    });
    await asked("four/echo");
    assert.equal(lastKey(upstream), "sk-four-secret-2");
    const kept = await api.put("/api/providers/four", changed);
    assert.deepEqual(lasting(kept), lasting(changed));
    await asked("four/echo");
    assert.equal(lastKey(upstream), "sk-four-secret-2");
    await asked("four/reserve");
    assert.ok(["sk-four-secret-2", "sk-from-the-environment"].includes(lastKey(upstream) ?? ""));
  });

  test("loses the blocks that a PUT leaves out, and keeps its keys when there are none in it", async () => {
    const shown = await api.get("/api/providers/four");
    await api.put("/api/providers/four", {
      ...shown,
      network_config: { ...shown.network_config, max_retries: 4, extra_headers: { "x-tenant": "tenant-secret-value" } },
    });
    await asked("four/echo");
    assert.equal(upstream.requests.at(-1)?.headers["x-tenant"], "tenant-secret-value");
    const reset = await api.put("/api/providers/four", {
      network_config: { base_url: upstream.url },
      custom_provider_config: { base_provider_type: "openai" },
    });
    assert.deepEqual([reset.network_config.max_retries, reset.network_config.extra_headers], [0, {}]);
    assert.deepEqual(names(reset.keys), ["four-first", "four-second"]);
    await asked("four/echo");
    assert.equal(upstream.requests.at(-1)?.headers["x-tenant"], undefined);
    assert.equal(lastKey(upstream), "sk-four-secret-2");
  });

  test("is deleted with its keys", async () => {
    assert.equal((await api.remove("/api/providers/four")).name, "four");
    assert.equal((await api.call("GET", "/api/providers/four")).status, 404);
    assert.equal((await api.call("DELETE", "/api/providers/four")).status, 404);
    assert.ok((await asked("four/echo")).status >= 400);
    assert.ok(!(await api.get("/api/keys")).some((key: Shown) => key.provider === "four"));
  });
});

describe("a provider in the shape of 2.x", () => {
  const KEYS = "/api/providers/two/keys";
  let id = "";

  test("is made without keys, and gets them one by one", async () => {
    const made = await api.post("/api/providers", provider2("two", upstream.url));
    assert.deepEqual(made.keys, []);
    assert.ok((await asked("two/echo")).status >= 400);
    const key = await api.post(KEYS, {
      name: "first",
      value: { value: "sk-two-secret-1", type: "plain" },
      models: ["*"],
      weight: 1,
    });
    id = key.id;
    assert.deepEqual(
      [key.name, key.provider, key.value.value, key.value.type, key.enabled],
      ["first", "two", mask("sk-two-secret-1"), "plain", true],
    );
    assert.equal((await asked("two/echo")).status, 200);
    assert.equal(lastKey(upstream), "sk-two-secret-1");
    assert.deepEqual(await api.get(KEYS), { keys: [key], total: 1 });
    assert.deepEqual(await api.get(`${KEYS}/${id}`), key);
  });

  test("takes a key back as it was read", async () => {
    const key = await api.get(`${KEYS}/${id}`);
    assert.deepEqual(lasting(await api.put(`${KEYS}/${id}`, key)), lasting(key));
    assert.equal((await asked("two/echo")).status, 200);
    assert.equal(lastKey(upstream), "sk-two-secret-1");
  });

  test("switches a key off and on", async () => {
    const key = await api.get(`${KEYS}/${id}`);
    assert.equal((await api.put(`${KEYS}/${id}`, { ...key, enabled: false })).enabled, false);
    const refused = await asked("two/echo");
    assert.equal(refused.status, 503, refused.text);
    assert.match(refused.text, /no_eligible_keys/);
    await api.put(`${KEYS}/${id}`, key);
    assert.equal((await asked("two/echo")).status, 200);
  });

  test("gives a key aliases, and models that it never serves", async () => {
    const key = await api.get(`${KEYS}/${id}`);
    const changed = await api.put(`${KEYS}/${id}`, {
      ...key,
      aliases: { quick: "echo", big: { model_id: "echo-large", model_family: "echo" } },
      blacklisted_models: ["forbidden"],
    });
    assert.equal(changed.aliases.quick, "echo");
    assert.equal((await asked("two/quick")).status, 200);
    assert.equal(upstream.requests.at(-1)?.model, "echo");
    await asked("two/big");
    assert.equal(upstream.requests.at(-1)?.model, "echo-large");
    assert.equal((await asked("two/forbidden")).status, 503);
    await api.put(`${KEYS}/${id}`, key);
  });

  test("a second key takes its share, and of the name there is one", async () => {
    const second = await api.post(KEYS, { name: "second", value: "sk-two-secret-2", models: ["*"], weight: 1000 });
    const seen = new Set<string | undefined>();
    for (let n = 0; n < 6; n++) {
      await asked("two/echo");
      seen.add(lastKey(upstream));
    }
    assert.ok(seen.has("sk-two-secret-2"));
    const twice = await api.call("POST", KEYS, { name: "second", value: "sk-other" });
    assert.equal(twice.status, 409, twice.text);
    assert.equal((await api.remove(`${KEYS}/${second.id}`)).name, "second");
    await asked("two/echo");
    assert.equal(lastKey(upstream), "sk-two-secret-1");
  });

  test("stands in the flat list, and its models in theirs", async () => {
    const flat = (await api.get("/api/keys")).find((key: Shown) => key.key_id === id);
    assert.deepEqual(
      [flat.id, flat.name, flat.provider, flat.value.value, flat.models, flat.weight, flat.enabled],
      [id, "first", "two", mask("sk-two-secret-1"), ["*"], 1, true],
    );
    const models = await api.get("/api/models?provider=two&limit=0");
    assert.equal(models.total, models.models.length);
    assert.ok(models.models.some((model: Shown) => model.name === "echo" && model.provider === "two"));
    const byKey = await api.get(`/api/models?provider=two&keys=${id}&query=ECHO&limit=1`);
    assert.deepEqual(byKey.models[0].accessible_by_keys, [id]);
    const refreshed = await api.post("/api/providers/two/refresh-models");
    assert.equal(refreshed.total, models.total);
    assert.equal((await api.post(`${KEYS}/${id}/refresh-models`)).total, models.total);
  });

  test("does what a custom provider may, and nothing else", async () => {
    const embeddings = await ask(gateway.url, { model: "two/echo", path: "/v1/embeddings", fields: { input: "x" } });
    assert.equal(embeddings.status, 400, embeddings.text);
  });
});

describe("every shape of a key and of a provider", () => {
  const SHAPES: Readonly<Record<string, Shown>> = {
    openai: {
      keys: [{ name: "o", value: "sk-openai-0123456789", models: ["gpt-4o"], weight: 0.5 }],
      openai_config: { disable_store: true },
      send_back_raw_response: true,
      concurrency_and_buffer_size: { concurrency: 7, buffer_size: 70 },
    },
    azure: {
      keys: [
        {
          name: "west",
          value: { value: "azure-secret-0123456789", env_var: "", from_env: false },
          aliases: { "gpt-4o": "four" },
          azure_key_config: {
            endpoint: { value: "https://west.openai.azure.com", env_var: "", from_env: false },
            api_version: { value: "2024-10-21", type: "plain" },
            deployments: { "gpt-4o-mini": "mini" },
          },
        },
      ],
    },
    ollama: {
      keys: [{ name: "local", ollama_key_config: { url: { value: "http://127.0.0.1:11434", type: "plain" } } }],
    },
    vllm: {
      keys: [
        { name: "v", value: "vllm-secret-123", vllm_key_config: { url: "http://127.0.0.1:8000", model_name: "m" } },
      ],
    },
    vertex: {
      keys: [
        {
          name: "gcp",
          models: ["*"],
          vertex_key_config: {
            project_id: "p",
            region: "r",
            auth_credentials: { value: '{"private":"vertex-secret-01"}', type: "plain" },
          },
        },
      ],
    },
    bedrock: {
      keys: [
        {
          name: "aws",
          bedrock_key_config: {
            access_key: { value: "AKIA0123456789", env_var: "", from_env: false },
            secret_key: "bedrock-secret-0123456789",
            region: "eu-west-1",
          },
        },
      ],
    },
    groq: {
      network_config: {
        extra_headers: { "x-org": "header-secret-0123456789", "x-plain": "env.COMPAT_KEY" },
        default_request_timeout_in_seconds: 11,
        max_retries: 2,
        retry_backoff_initial_ms: 100,
        retry_backoff_max_ms: 900,
        stream_idle_timeout_in_seconds: 7,
      },
      proxy_config: {
        type: "http",
        url: "http://127.0.0.1:3128",
        username: "proxy-user",
        password: { value: "proxy-secret-0123456789", type: "plain" },
      },
    },
    "eigener-anbieter-ü": {
      keys: [],
      network_config: { base_url: "http://127.0.0.1:9" },
      custom_provider_config: {
        base_provider_type: "anthropic",
        is_key_less: true,
        allowed_requests: { chat_completion: true },
        request_path_overrides: { chat_completion: "/messages" },
      },
    },
  };
  for (const [name, body] of Object.entries(SHAPES))
    test(`${name} is made, read, taken back without a change, and deleted`, async () => {
      const path = `/api/providers/${encodeURIComponent(name)}`;
      const made = await api.put(path, body);
      const shown = await api.get(path);
      assert.deepEqual(lasting(shown), lasting(made));
      assert.deepEqual(lasting(await api.put(path, shown)), lasting(shown));
      for (const key of shown.keys) {
        const one = `${path}/keys/${key.id}`;
        assert.deepEqual(lasting(await api.put(one, await api.get(one))), lasting(key));
      }
      assert.deepEqual(lasting(await api.get(path)), lasting(shown));
      for (const secret of JSON.stringify(body).match(/[\w-]*secret-[\w-]*/g) ?? [])
        assert.ok(!JSON.stringify(shown).includes(secret), `${secret} is shown`);
      assert.equal((await api.remove(path)).name, name);
    });
});

test("what was made outlives a restart", async () => {
  const appDir = temporaryFolder("compat");
  const first = await startTestGateway({ appDir });
  const made = await manage(first.url).post("/api/providers", provider14("kept", upstream.url, "sk-kept-secret"));
  assert.equal(await first.stop(), 0);
  const second = await startTestGateway({ appDir });
  try {
    assert.deepEqual(lasting(await manage(second.url).get("/api/providers/kept")), lasting(made));
    assert.equal((await ask(second.url, { model: "kept/echo" })).status, 200);
    assert.equal(lastKey(upstream), "sk-kept-secret");
  } finally {
    await second.stop();
  }
});
