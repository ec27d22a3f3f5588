// Providers and keys as they are shown and taken: round trips of every shape, both versions' spellings, no secret in clear.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { maskSecret } from "../config/book/secrets.ts";
import type { ProviderItem, ProviderKeyItem } from "../core/config-book.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import { providerEntity } from "./fixtures/house.ts";
import { readKey, showKey } from "./keys-shape.ts";
import { readProvider, showProvider } from "./providers-shape.ts";
import { withMasked } from "./secret-places.ts";

const FACTS = {
  source: { type: "api" },
  hash: "h1",
  createdAt: 1_700_000_000_000,
  updatedAt: 1_700_000_001_000,
} as const;

function key(
  body: JsonObject,
  masked: Record<string, string> = { "/value": maskSecret("sk-0123456789abcdef") },
): ProviderKeyItem {
  const name = String(body["name"] ?? "k1");
  return { ...FACTS, id: `id-${name}`, name, body: { name, ...body }, masked, provider: "acme", problem: null };
}

function provider(
  body: JsonObject,
  masked: Record<string, string> = {},
  keys: ProviderKeyItem[] = [key({})],
): ProviderItem {
  return { ...FACTS, id: "acme", name: "acme", body, masked, keys, entity: providerEntity("acme", []), problem: null };
}

const SECRET = maskSecret("a-secret-of-some-length");

/** Every key shape of compat.md 3. */
const KEYS: Readonly<Record<string, ProviderKeyItem>> = {
  plain: key({ models: ["m1", "m2"], weight: 0.7 }),
  "with every member": key({
    models: ["*"],
    blacklisted_models: ["m3"],
    weight: 0,
    enabled: false,
    use_for_batch_api: true,
    aliases: { fast: "m1", big: { model_id: "m2", model_family: "f" } },
  }),
  "from the environment": key({ value: "env.ACME_KEY" }, { "/value": maskSecret("sk-from-environment") }),
  "from an unset variable": key({ value: "env.ACME_KEY" }, {}),
  "from a vault": key({ value: "vault.kv/acme#key" }, {}),
  "without a value": key({}, {}),
  azure: key(
    {
      azure_key_config: {
        endpoint: "https://west.openai.azure.com",
        api_version: "2024-10-21",
        deployments: { "gpt-4o": "four" },
        client_id: "env.CLIENT",
        tenant_id: "t",
        scopes: ["s"],
      },
    },
    { "/value": SECRET, "/azure_key_config/client_secret": SECRET },
  ),
  vertex: key(
    { vertex_key_config: { project_id: "p", region: "env.REGION", force_single_region: true } },
    { "/vertex_key_config/auth_credentials": SECRET },
  ),
  bedrock: key(
    {
      bedrock_key_config: {
        region: "eu-west-1",
        arn: "arn:aws:x",
        batch_s3_config: { buckets: [{ bucket_name: "b", is_default: true }] },
      },
    },
    { "/bedrock_key_config/access_key": SECRET, "/bedrock_key_config/secret_key": SECRET },
  ),
  vllm: key({ vllm_key_config: { url: "http://127.0.0.1:8000", model_name: "m" } }, {}),
  ollama: key({ ollama_key_config: { url: "env.OLLAMA" } }, {}),
};

/** Every provider shape. */
const PROVIDERS: Readonly<Record<string, ProviderItem>> = {
  bare: provider({}),
  "with a network": provider(
    {
      network_config: {
        base_url: "https://proxy.example/v1",
        extra_headers: { "X-Plain": "env.HEADER" },
        default_request_timeout_in_seconds: 12,
        max_retries: 3,
        retry_backoff_initial: "250ms",
        allow_private_network: true,
        beta_header_overrides: { "a-": true },
      },
    },
    { "/network_config/extra_headers/x-secret": SECRET, "/network_config/extra_headers/x~1odd~0name": SECRET },
  ),
  "with a proxy": provider(
    { proxy_config: { type: "http", url: "http://proxy:3128", username: "u" } },
    { "/proxy_config/password": SECRET },
  ),
  "with a proxy of the environment": provider({ proxy_config: { type: "http", url: "env.PROXY", password: "env.PW" } }),
  custom: provider({
    custom_provider_config: {
      base_provider_type: "openai",
      is_key_less: true,
      allowed_requests: { chat_completion: true, embedding: false },
      request_path_overrides: { chat_completion: "/chat" },
    },
  }),
  "with all switches": provider({
    send_back_raw_request: true,
    send_back_raw_response: true,
    store_raw_request_response: true,
    openai_config: { disable_store: true },
    concurrency_and_buffer_size: { concurrency: 3, buffer_size: 10 },
    description: "written by a person",
  }),
  "with several keys": provider(
    {},
    {},
    Object.entries(KEYS).map(([name, item]) => ({ ...item, id: name, name })),
  ),
};

/** Over the wire and back. */
const wire = <T extends JsonValue>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe("what a GET returns is taken by the PUT and changes nothing", () => {
  for (const [name, item] of Object.entries(KEYS))
    it(`of a key ${name}`, () => {
      const read = readKey(wire(showKey(item)), item);
      assert.deepEqual(read, { ...withMasked(item), id: item.id, name: item.name });
    });
  for (const [name, item] of Object.entries(PROVIDERS))
    it(`of a provider ${name}`, () => {
      const { keys, ...body } = readProvider(wire(showProvider(item)), item);
      assert.deepEqual(body, withMasked(item));
      assert.deepEqual(
        keys,
        item.keys.map((one) => ({ ...withMasked(one), id: one.id, name: one.name })),
      );
    });

  it("also where a client of one version keeps only the members that it knows", () => {
    const item = KEYS["from the environment"]!;
    const shown = wire(showKey(item)) as Record<string, JsonValue>;
    const { value, env_var, from_env, ref, type } = shown["value"] as Record<string, JsonValue>;
    for (const secret of [{ value, env_var, from_env }, { value, ref, type }, value, "env.ACME_KEY"] as JsonValue[])
      assert.equal(readKey({ ...shown, value: secret }, item)["value"], "env.ACME_KEY", JSON.stringify(secret));
  });
});

describe("K", () => {
  it("has both spellings of its secrets, its defaults, and where it comes from", () => {
    assert.deepEqual(wire(showKey(KEYS["plain"]!)), {
      id: "id-k1",
      name: "k1",
      value: { value: `sk-0${"*".repeat(24)}cdef`, env_var: "", from_env: false, type: "plain" },
      models: ["m1", "m2"],
      blacklisted_models: [],
      weight: 0.7,
      enabled: true,
      use_for_batch_api: false,
      aliases: {},
      provider: "acme",
      status: "success",
      description: "",
      config_hash: "h1",
      source: { type: "api" },
      created_at: "2023-11-14T22:13:20.000Z",
      updated_at: "2023-11-14T22:13:21.000Z",
    });
  });

  it("shows key configs with objects where Bifrost has them", () => {
    const azure = wire(showKey(KEYS["azure"]!))["azure_key_config"] as Record<string, JsonObject>;
    assert.equal(azure["endpoint"]!["value"], "https://west.openai.azure.com");
    assert.equal(azure["client_secret"]!["value"], SECRET);
    assert.deepEqual(azure["client_id"], {
      value: "",
      env_var: "env.CLIENT",
      from_env: true,
      ref: "env.CLIENT",
      type: "env",
    });
    assert.deepEqual(azure["deployments"], { "gpt-4o": "four" });
  });

  it("names what keeps it from being used", () => {
    const shown = showKey({ ...KEYS["from an unset variable"]!, problem: "ACME_KEY is not set" });
    assert.deepEqual([shown["status"], shown["description"]], ["error", "ACME_KEY is not set"]);
  });

  it("keeps name and secret when a change leaves them out, and takes new ones", () => {
    const item = KEYS["plain"]!;
    assert.deepEqual(readKey({ enabled: false }, item), {
      value: withMasked(item)["value"],
      enabled: false,
      id: "id-k1",
      name: "k1",
    });
    const changed = readKey({ value: { value: "sk-new-secret", env_var: "", from_env: false }, name: "k2" }, item);
    assert.deepEqual([changed["value"], changed["name"]], ["sk-new-secret", "k2"]);
    assert.equal(readKey({ key: "sk-older-spelling" }, item)["value"], "sk-older-spelling");
  });

  it("refuses a mask that is not the one shown, at every place of a secret", () => {
    const other = maskSecret("sk-another-secret-of-another-key");
    for (const given of [
      { value: other },
      { value: { value: other, env_var: "", from_env: false } },
      { azure_key_config: { client_secret: other } },
      { bedrock_key_config: { secret_key: { value: "********", type: "plain" } } },
    ] as JsonObject[]) {
      for (const item of [undefined, KEYS["plain"]])
        assert.throws(
          () => readKey(given, item),
          (error: unknown) => error instanceof GatewayError && /is a masked value/.test(error.message),
          JSON.stringify(given),
        );
    }
  });
});

describe("P", () => {
  it("has the members of both versions and its keys", () => {
    const shown = wire(showProvider(PROVIDERS["bare"]!));
    assert.deepEqual(Object.keys(shown).toSorted(), [
      "concurrency_and_buffer_size",
      "config_hash",
      "created_at",
      "custom_provider_config",
      "description",
      "keys",
      "name",
      "network_config",
      "openai_config",
      "provider_status",
      "proxy_config",
      "send_back_raw_request",
      "send_back_raw_response",
      "source",
      "status",
      "store_raw_request_response",
      "updated_at",
    ]);
    assert.deepEqual(shown["concurrency_and_buffer_size"], { concurrency: 1000, buffer_size: 5000 });
    const network = shown["network_config"] as JsonObject;
    assert.equal(network["default_request_timeout_in_seconds"], 300);
    assert.equal(network["max_retries"], 0);
    assert.equal(typeof network["retry_backoff_initial"], "number");
    assert.equal(shown["provider_status"], "active");
    assert.equal((shown["keys"] as JsonValue[]).length, 1);
  });

  it("shows the secrets of headers as text and that of the proxy as an object", () => {
    const network = showProvider(PROVIDERS["with a network"]!)["network_config"] as JsonObject;
    assert.deepEqual(network["extra_headers"], { "X-Plain": "env.HEADER", "x-secret": SECRET, "x/odd~name": SECRET });
    const proxy = showProvider(PROVIDERS["with a proxy"]!)["proxy_config"] as JsonObject;
    assert.deepEqual(proxy["password"], { value: SECRET, env_var: "", from_env: false, type: "plain" });
    assert.equal(proxy["url"], "http://proxy:3128");
  });

  it("masks a secret that nobody took out of the body", () => {
    const leaky = key(
      { value: "sk-in-clear-0123", vertex_key_config: { auth_credentials: '{"very":"secret-text"}' } },
      {},
    );
    const item = provider({ proxy_config: { password: "hunter2-hunter2" } }, {}, [leaky]);
    assert.doesNotMatch(JSON.stringify(showProvider(item)), /in-clear|secret-text|hunter2-/);
    const { keys } = readProvider(wire(showProvider(item)), item);
    assert.equal((keys as JsonObject[])[0]!["value"], "sk-in-clear-0123");
  });

  it("without keys in a change leaves them alone; a list is the whole list, matched by id, then by name", () => {
    const item = PROVIDERS["with several keys"]!;
    assert.equal("keys" in readProvider({ network_config: { max_retries: 1 } }, item), false);
    assert.equal("keys" in readProvider({ keys: null }, item), false);
    assert.deepEqual(readProvider({ keys: [] }, item)["keys"], []);
    const [byId, byName, fresh] = readProvider(
      {
        keys: [
          { id: "plain", name: "renamed" },
          { name: "azure", weight: 2 },
          { name: "new", value: "sk-n" },
        ],
      },
      item,
    )["keys"] as JsonObject[];
    assert.deepEqual([byId!["name"], byId!["value"]], ["renamed", KEYS["plain"]!.masked["/value"]]);
    assert.deepEqual([byName!["id"], byName!["weight"]], ["azure", 2]);
    assert.deepEqual(fresh, { name: "new", value: "sk-n" });
  });

  it("resets a block that is left out or null, and keeps what a person wrote about it", () => {
    const item = PROVIDERS["with all switches"]!;
    assert.deepEqual(readProvider({ openai_config: null }, item), { description: "written by a person" });
  });

  it("takes api_keys as texts or objects", () => {
    assert.deepEqual(readProvider({ api_keys: ["sk-a", { key: "sk-b", weight: 2 }] }, undefined)["keys"], [
      { value: "sk-a" },
      { weight: 2, value: "sk-b" },
    ]);
    assert.throws(() => readProvider({ keys: "sk" }, undefined), /'keys' must be a list of keys/);
    assert.throws(() => readProvider({ keys: [5] }, undefined), /'keys\[0\]' must be an object/);
  });

  it("shows no credentials in an address, and takes none", () => {
    const item = provider({ network_config: { base_url: "https://user:pass-word@host.example" } });
    const shown = wire(showProvider(item));
    assert.doesNotMatch(JSON.stringify(shown), /pass-word/);
    const { keys: _keys, ...body } = readProvider(shown, item);
    assert.deepEqual(body, item.body);
    for (const given of [
      { network_config: { base_url: "https://u:p@host.example" } },
      { keys: [{ azure_key_config: { endpoint: { value: "https://u:p@host.example", type: "plain" } } }] },
    ] as JsonObject[])
      assert.throws(() => readProvider(given, item), /holds a user name or password/);
  });

  it("takes a header that is a star for what it is", () => {
    const read = readProvider({ network_config: { extra_headers: { accept: "*" } } }, undefined);
    assert.deepEqual(read, { network_config: { extra_headers: { accept: "*" } } });
  });

  it("leaves unknown members to the schema, which names them", () => {
    assert.deepEqual(readProvider({ netwrok_config: {} }, PROVIDERS["bare"]), { netwrok_config: {} });
  });
});
