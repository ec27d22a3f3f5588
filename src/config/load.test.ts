// Tests of what a configuration becomes: both versions' meanings, older spellings, the environment.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { loadConfiguration } from "./load.ts";
import { loadObject, loadText, providerIn, settingsIn, testRegistry, virtualKeyIn } from "./testing.ts";

const OPENAI = { openai: { keys: [{ name: "main", value: "sk-test-1" }] } };

test("loads the minimal file of the map form", () => {
  const config = {
    providers: { openai: { keys: [{ name: "k1", value: "env.OPENAI_API_KEY", models: ["*"], weight: 1.0 }] } },
  };
  const { entities, warnings } = loadObject(config, { OPENAI_API_KEY: "sk-from-environment\n" });
  assert.deepEqual(warnings, []);
  const [key] = providerIn(entities, "openai").keys;
  assert.equal(key?.name, "k1");
  assert.equal(key?.value, "sk-from-environment", "the line end of the variable is no part of the key");
  assert.equal(key?.models, null);
  assert.equal(providerIn(entities, "openai").source, "config.json:3");
  assert.equal(providerIn(entities, "demo").keyless, true);
});

/** A file whose lists are empty, absent, and not there at all. */
const listsOf = (version: number | undefined) => ({
  ...(version === undefined ? {} : { version }),
  providers: {
    openai: {
      keys: [
        { name: "e", value: "a", models: [] },
        { name: "f", value: "b" },
      ],
    },
  },
  governance: {
    virtual_keys: [
      { name: "lists", value: "vk-1", provider_configs: [{ provider: "openai", allowed_models: [], key_ids: [] }] },
      { name: "absent", value: "vk-2", provider_configs: [{ provider: "openai" }] },
      { name: "nothing", value: "vk-3" },
    ],
  },
});

const meaningIn = (version: number | undefined) => {
  const { entities } = loadObject(listsOf(version));
  const scopes = ["lists", "absent"].map((name) => virtualKeyIn(entities, name).providers?.[0]);
  return {
    models: providerIn(entities, "openai").keys.map((key) => key.models),
    scopes: scopes.map((scope) => [scope?.allowedModels, scope?.keyIds]),
    nothing: virtualKeyIn(entities, "nothing").providers,
  };
};

test("absent lists mean everything and empty ones nothing; in version 1 empty ones mean everything", () => {
  const everything = {
    models: [null, null],
    scopes: [
      [null, null],
      [null, null],
    ],
    nothing: null,
  };
  const strict = {
    models: [[], null],
    scopes: [
      [[], []],
      [null, null],
    ],
    nothing: [],
  };
  assert.deepEqual(meaningIn(1), everything);
  assert.deepEqual(meaningIn(2), strict);
  assert.deepEqual(meaningIn(undefined), strict);
});

test("a weight that is null stays null, an absent one is 1", () => {
  const { entities } = loadObject({
    providers: OPENAI,
    governance: {
      virtual_keys: [
        { name: "a", value: "vk", provider_configs: [{ provider: "openai", weight: null }, { provider: "demo" }] },
      ],
    },
  });
  assert.deepEqual(
    virtualKeyIn(entities, "a").providers?.map((one) => one.weight),
    [null, 1],
  );
});

test("takes older spellings without a word", () => {
  const result = loadObject({
    $schema: "https://example.com/old.json",
    client: { enable_governance: true, enforce_governance_header: true },
    providers: {
      openai: { keys: [{ value: "a" }], network_config: { retry_backoff_initial_ms: 250, retry_backoff_max_ms: 750 } },
    },
    governance: {
      virtual_keys: [
        {
          id: "one",
          name: "a",
          value: "vk",
          budget_id: "b1",
          rate_limit_id: "r1",
          provider_configs: [{ provider: "openai" }],
        },
      ],
      budgets: [
        { id: "b1", max_limit: 1.5, reset_duration: "1M", current_usage: 0.5, last_reset: "2026-01-01T00:00:00Z" },
      ],
      rate_limits: [{ id: "r1", request_max_limit: 5, request_reset_duration: "1m", request_current_usage: 1 }],
    },
  });
  assert.deepEqual(
    result.warnings.map((warning) => warning.message),
    [],
  );
  assert.equal(settingsIn(result.entities).enforceVirtualKeys, true);
  const { network } = providerIn(result.entities, "openai");
  assert.deepEqual([network.backoffInitial, network.backoffMax], [250, 750]);
  const key = virtualKeyIn(result.entities, "a");
  assert.deepEqual([key.budgets[0]?.id, key.budgets[0]?.maxLimitNano, key.rateLimit?.id], ["b1", "1500000000", "r1"]);
});

test("joins budgets and rate limits that name their owner", () => {
  const { entities } = loadObject({
    providers: OPENAI,
    governance: {
      virtual_keys: [{ name: "a", value: "vk", id: "one", provider_configs: [{ id: 7, provider: "openai" }] }],
      budgets: [
        { max_limit: 1, virtual_key_id: "one" },
        { max_limit: 2, reset_duration: "1d", provider_config_id: 7 },
      ],
      rate_limits: [{ token_max_limit: 5, token_reset_duration: "1h", provider_config_id: "7" }],
    },
  });
  const key = virtualKeyIn(entities, "a");
  assert.equal(key.budgets[0]?.maxLimitNano, "1000000000");
  assert.equal(key.budgets[0]?.resetDuration, null);
  assert.equal(key.providers?.[0]?.budgets[0]?.maxLimitNano, "2000000000");
  assert.equal(key.providers?.[0]?.rateLimit?.tokenMaxLimit, 5);
});

test("reads network settings in seconds, milliseconds and durations", () => {
  const { entities } = loadObject(
    {
      providers: {
        openai: {
          keys: [{ value: "a" }],
          network_config: {
            base_url: "https://proxy.example/openai/v1/",
            extra_headers: { "X-Team": "env.TEAM" },
            default_request_timeout_in_seconds: 1.5,
            max_retries: 3,
            retry_backoff_initial: "200ms",
            retry_backoff_max: "2s",
            stream_idle_timeout_in_seconds: 10,
            keep_alive_timeout: 5,
            max_conns_per_host: 7,
            insecure_skip_verify: true,
            allow_private_network: true,
            beta_header_overrides: { "context-1m": false },
          },
        },
      },
    },
    { TEAM: "blue" },
  );
  assert.deepEqual(
    { ...providerIn(entities, "openai").network },
    {
      baseUrl: "https://proxy.example/openai",
      extraHeaders: Object.assign(Object.create(null), { "x-team": "blue" }),
      requestTimeout: 1500,
      maxRetries: 3,
      backoffInitial: 200,
      backoffMax: 2000,
      streamIdle: 10_000,
      keepAlive: 5000,
      maxConnections: 7,
      insecureSkipVerify: true,
      caPem: null,
      betaHeaderOverrides: Object.assign(Object.create(null), { "context-1m": false }),
      allowPrivateNetwork: true,
    },
  );
});

test("a custom provider without keys, with its requests and paths", () => {
  const { entities } = loadObject({
    providers: {
      local: {
        network_config: { base_url: "http://127.0.0.1:9000" },
        custom_provider_config: {
          base_provider_type: "openai",
          is_key_less: true,
          allowed_requests: { chat_completion: true, embedding: false },
          request_path_overrides: { chat_completion: "/chat" },
        },
      },
    },
  });
  const local = providerIn(entities, "local");
  assert.deepEqual(
    [local.keyless, local.keys.length, local.keys[0]?.value, local.keys[0]?.enabled],
    [true, 1, "", true],
  );
  assert.deepEqual(local.allowedRequests, ["chat_completion"]);
  assert.equal(local.pathOverrides.chat_completion, "/chat");
});

const origins = (client: object) => settingsIn(loadObject({ client }).entities).allowedOrigins;

test("settings: every origin, written out, is not the same as none written", () => {
  assert.deepEqual(origins({ allowed_origins: ["*"] }), ["*"]);
  assert.deepEqual(origins({ allowed_origins: [] }), []);
  assert.equal(origins({}), null);
});

test("settings: defaults, and what the client block says", () => {
  const standard = settingsIn(loadObject({}).entities);
  assert.deepEqual(
    [standard.enforceVirtualKeys, standard.maxRequestBodyBytes, standard.contentLogging, standard.allowedOrigins],
    [false, 104_857_600, true, null],
  );
  const own = settingsIn(
    loadObject({
      client: {
        enforce_auth_on_inference: true,
        max_request_body_size_mb: 2,
        disable_content_logging: true,
        allowed_origins: ["https://a.example"],
        required_headers: ["X-Tenant"],
        header_filter_config: { allowlist: ["X-A"], denylist: ["X-B"] },
        drop_excess_requests: false,
        initial_pool_size: 300,
      },
      server: { allowed_hosts: ["Gateway.example.com"] },
    }).entities,
  );
  assert.deepEqual(
    [
      own.enforceVirtualKeys,
      own.maxRequestBodyBytes,
      own.contentLogging,
      own.allowedOrigins,
      own.requiredHeaders,
      own.headerAllowlist,
      own.headerDenylist,
      own.allowedHosts,
    ],
    [true, 2_097_152, false, ["https://a.example"], ["x-tenant"], ["x-a"], ["x-b"], ["gateway.example.com"]],
  );
});

const twoKeys = () =>
  loadObject({
    providers: {
      openai: {
        keys: [
          { name: "a", value: "1" },
          { name: "b", value: "2" },
        ],
      },
    },
  }).entities;

test("ids are the same at every start and differ between keys", () => {
  const ids = providerIn(twoKeys(), "openai").keys.map((key) => key.id);
  assert.deepEqual(
    providerIn(twoKeys(), "openai").keys.map((key) => key.id),
    ids,
  );
  assert.equal(new Set(ids).size, 2);
});

test("names such as __proto__ are names like any other", () => {
  const text =
    '{ "providers": { "openai": { "keys": [{ "value": "a", "aliases": { "__proto__": "x" } }] } }, "__proto__": { "version": 1 } }';
  const result = loadText(text);
  assert.ok(result.ok);
  const [key] = providerIn(result.entities, "openai").keys;
  assert.deepEqual(Object.entries(key?.aliases ?? {}), [["__proto__", "x"]]);
  assert.equal(key?.aliases.toString, undefined);
  assert.equal(({} as { version?: number }).version, undefined);
});

test("object forms of secrets are read like bare ones", () => {
  const { entities } = loadObject(
    {
      providers: {
        openai: {
          keys: [
            { name: "a", value: { value: "", env_var: "env.KEY_A", from_env: true } },
            { name: "b", value: { value: "plain" } },
            { name: "c", value: { ref: "KEY_C", type: "env" } },
          ],
        },
      },
    },
    { KEY_A: "1", KEY_C: "3" },
  );
  assert.deepEqual(
    providerIn(entities, "openai").keys.map((key) => key.value),
    ["1", "plain", "3"],
  );
});

test("without a file the environment's providers and the demo are there", () => {
  const result = loadConfiguration({
    appDir: "/nowhere",
    configPath: null,
    environment: {
      OPENAI_KEY: "sk-1",
      ANTHROPIC_API_KEY: " ",
      OLLAMA_HOST: "127.0.0.1:11434",
      AZURE_OPENAI_API_KEY: "a",
    },
    registry: testRegistry,
    catalogue: [{ kind: "catalogue", provider: "openai", models: [] }],
  });
  assert.ok(result.ok);
  assert.equal(result.facts.path, null);
  const providers = result.entities.filter((entity) => entity.kind === "provider");
  assert.deepEqual(
    providers.map((entity) => [entity.name, entity.keys[0]?.name, entity.source]),
    [
      ["openai", "OPENAI_KEY_auto_detected", "OPENAI_KEY"],
      ["ollama", "OLLAMA_HOST_auto_detected", "OLLAMA_HOST"],
      ["demo", "keyless", "built in"],
    ],
  );
  assert.equal(providers[1]?.keys[0]?.url, "http://127.0.0.1:11434");
  assert.match(result.warnings[0]?.text ?? "", /AZURE_OPENAI_API_KEY is set, but azure is not used: no endpoint/);
});

test("with a file the environment adds nothing", () => {
  const { entities } = loadObject({ providers: {} }, { OPENAI_API_KEY: "sk-1" });
  assert.deepEqual(
    entities.flatMap((entity) => (entity.kind === "provider" ? entity.name : [])),
    ["demo"],
  );
});

test("a deeply nested file and a broken number are refused without harm", () => {
  for (const text of [
    "[".repeat(500_000),
    `{"a":${"[".repeat(100_000)}`,
    '{"version": 01}',
    '{"version": +1}',
    '{"a": "\u0001"}',
    "\u0000",
  ]) {
    const result = loadText(text);
    assert.equal(result.ok, false, text.slice(0, 20));
    assert.ok(!result.ok && result.errors.length > 0 && result.errors.every((error) => error.code === "syntax"));
  }
});

test("huge texts and thousands of equal findings are told in few words", () => {
  const huge = loadText(`{"nonsense": "${"x".repeat(5_000_000)}"}`);
  assert.equal(huge.ok, true);
  assert.match(huge.warnings[0]?.text ?? "", /\(a line of 5000016 bytes\)$/);
  const many = loadText(JSON.stringify({ providers: Array.from({ length: 3000 }, () => ({ provider: "nobody" })) }));
  assert.ok(!many.ok);
  assert.ok(many.errors.length <= 102, String(many.errors.length));
  assert.match(many.errors.at(-1)?.text ?? "", /2949 more of this kind: duplicate$/);
});

test("a byte order mark is no part of the file", () => {
  assert.equal(loadText('\uFEFF{ "version": 2 }').ok, true);
});

test("every line break counts, and columns count from 1", () => {
  const result = loadText('{\r\n  "version": 2,\r\n\t"nonsense": 1 }');
  assert.deepEqual([result.warnings[0]?.line, result.warnings[0]?.column], [3, 2]);
});

const dir = mkdtempSync(join(tmpdir(), "drawbridge-config-"));
after(() => rmSync(dir, { recursive: true, force: true }));

function loadFile(name: string | null) {
  return loadConfiguration({
    appDir: dir,
    configPath: name === null ? null : join(dir, name),
    environment: {},
    registry: testRegistry,
    catalogue: [],
  });
}

test("reads config.json of the app dir, and refuses a file that is named and not there", () => {
  assert.equal(loadFile(null).ok, true);
  const absent = loadFile("other.json");
  assert.ok(!absent.ok);
  assert.equal(absent.errors[0]?.text, "other.json: there is no such file");
  writeFileSync(join(dir, "config.json"), '\uFEFF{"version": 2}');
  const found = loadFile(null);
  assert.ok(found.ok && found.facts.path === join(dir, "config.json"));
});

test("says what kind of file it is when it is no UTF-8 text", () => {
  writeFileSync(join(dir, "utf16.json"), Buffer.from("\uFEFF{}", "utf16le"));
  writeFileSync(join(dir, "binary.json"), Buffer.from([0x7b, 0xff, 0xfe, 0x7d]));
  const texts = ["utf16.json", "binary.json", "."].map((name) => {
    const result = loadFile(name);
    return result.ok ? "" : (result.errors[0]?.message ?? "");
  });
  assert.deepEqual(texts, [
    "the file is UTF-16; save it as UTF-8",
    "this byte is no UTF-8 text",
    "this is a directory, not a file",
  ]);
});

test("the encryption key comes from the environment before the file", () => {
  const config = { encryption_key: "from the file" };
  assert.equal(loadObject(config).facts.encryptionKey, "from the file");
  assert.equal(loadObject(config, { BIFROST_ENCRYPTION_KEY: "b" }).facts.encryptionKey, "b");
  assert.equal(
    loadObject(config, { BIFROST_ENCRYPTION_KEY: "b", DRAWBRIDGE_ENCRYPTION_KEY: "d" }).facts.encryptionKey,
    "d",
  );
});

test("stores: where they are, and when the file alone rules", () => {
  const { facts } = loadObject({
    source_of_truth: "config.json",
    config_store: { enabled: false, type: "sqlite", config: { path: "./config.db" } },
    logs_store: { enabled: true, type: "sqlite", config: { path: "logs.db" }, retention_days: 7 },
    client: { log_retention_days: 30 },
  });
  assert.equal(facts.sourceOfTruth, "config.json");
  assert.deepEqual(facts.configStore, { enabled: false, path: "./config.db" });
  assert.deepEqual(facts.logsStore, { enabled: true, path: "logs.db" });
  assert.equal(facts.logRetentionDays, 7);
});
