// Keys of clouds as the configuration gives them: what is read, what is refused, and what needs no value.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { secretsOfKey } from "../core/entities.ts";
import type { ProviderRegistry } from "../core/provider.ts";
import { loadText, providerIn, testAdapter, testRegistry } from "./testing.ts";

const ACCOUNT = JSON.stringify({ type: "service_account", client_email: "a@b", private_key: "planted" });

const CLOUDS = [testAdapter({ name: "bedrock" }), testAdapter({ name: "vertex" })];
const registry: ProviderRegistry = {
  get: (name) => CLOUDS.find((adapter) => adapter.name === name) ?? testRegistry.get(name),
  all: () => [...CLOUDS, ...testRegistry.all()],
};

function loaded(provider: string, key: object, environment: Record<string, string>) {
  const config = { providers: { [provider]: { keys: [{ name: "k", ...key }] } } };
  return loadText(JSON.stringify(config, null, 1), environment, registry);
}

function keyOf(provider: string, key: object, environment: Record<string, string> = {}) {
  const result = loaded(provider, key, environment);
  assert.ok(result.ok, refusals(provider, key, environment));
  const found = providerIn(result.entities, provider).keys[0];
  assert.ok(found !== undefined);
  return found;
}

function refusals(provider: string, key: object, environment: Record<string, string> = {}): string {
  const result = loaded(provider, key, environment);
  return result.ok ? "" : result.errors.map(({ message }) => message).join("\n");
}

test("an AWS account stands in place of a value, with the region of the environment where none is given", () => {
  const block = { access_key: "env.ID", secret_key: "env.SECRET" };
  const environment = { ID: "AKIA1", SECRET: "planted-secret", AWS_REGION: "eu-west-1" };
  const key = keyOf("bedrock", { bedrock_key_config: block }, environment);
  assert.equal(key.enabled, true);
  assert.equal(key.value, "");
  assert.ok(key.cloud?.type === "aws");
  assert.equal(key.cloud.accessKey, "AKIA1");
  assert.equal(key.cloud.region, "eu-west-1");
  assert.deepEqual(secretsOfKey(key), ["planted-secret"]);
  const own = keyOf("bedrock", { bedrock_key_config: { ...block, region: "us-west-2" } }, environment);
  assert.ok(own.cloud?.type === "aws" && own.cloud.region === "us-west-2");
});

test("half an AWS account and half an Entra application are refused by name", () => {
  assert.match(refusals("bedrock", { bedrock_key_config: { access_key: "AKIA1" } }), /secret_key is missing/);
  assert.match(
    refusals("azure", { azure_key_config: { endpoint: "https://a.example", client_id: "c", tenant_id: "t" } }),
    /only a part of an Entra application/,
  );
});

test("an Entra application stands in place of a value, at the authority of the environment", () => {
  const block = { endpoint: "https://a.example", client_id: "c", tenant_id: "t", client_secret: "planted" };
  const key = keyOf("azure", { azure_key_config: block }, { AZURE_AUTHORITY_HOST: "https://login.example/" });
  assert.equal(key.enabled, true);
  assert.deepEqual(key.cloud, {
    type: "entra",
    authority: "https://login.example",
    tenantId: "t",
    clientId: "c",
    clientSecret: "planted",
    scopes: ["https://cognitiveservices.azure.com/.default"],
  });
});

test("a Google project takes its credentials from the file, or from where Google's own tools look", () => {
  const key = keyOf("vertex", {
    vertex_key_config: { project_id: "p", region: "europe-west4", auth_credentials: ACCOUNT },
  });
  assert.ok(key.cloud?.type === "google");
  assert.equal(key.cloud.region, "europe-west4");
  assert.deepEqual(secretsOfKey(key), [ACCOUNT]);
  const folder = mkdtempSync(path.join(tmpdir(), "cloud-keys-"));
  try {
    const file = path.join(folder, "adc.json");
    writeFileSync(file, ACCOUNT);
    const found = keyOf("vertex", { vertex_key_config: { project_id: "p" } }, { GOOGLE_APPLICATION_CREDENTIALS: file });
    assert.ok(found.cloud?.type === "google" && found.cloud.credentials === ACCOUNT);
    assert.equal(found.enabled, true);
  } finally {
    rmSync(folder, { recursive: true });
  }
  assert.match(
    refusals("vertex", { vertex_key_config: { project_id: "p" } }, { GOOGLE_APPLICATION_CREDENTIALS: "/no/such" }),
    /GOOGLE_APPLICATION_CREDENTIALS names cannot be read/,
  );
  assert.match(
    refusals("vertex", { vertex_key_config: { project_id: "p", auth_credentials: "nonsense" } }),
    /no credentials file of Google/,
  );
});
