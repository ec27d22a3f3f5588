// Providers while they are written: what was not changed goes back as it came.
import assert from "node:assert/strict";
import { test } from "node:test";
import { draftOfProvider, freshProvider, providerBody } from "./provider-draft.ts";
import type { ProviderShown } from "./types.ts";

const shown: ProviderShown = {
  name: "mine",
  keys: [],
  network_config: {
    base_url: "http://10.0.0.7",
    extra_headers: { "x-a": { value: "se****et", env_var: "", from_env: false } },
    default_request_timeout_in_seconds: 300,
    stream_idle_timeout_in_seconds: 120,
    max_retries: 2,
    retry_backoff_initial: 500,
    retry_backoff_max: 5000,
    max_conns_per_host: 5000,
    keep_alive_timeout: 30,
    insecure_skip_verify: false,
    allow_private_network: true,
  },
  proxy_config: { type: "http", url: "http://p", password: { value: "****", env_var: "", from_env: false } },
  custom_provider_config: { base_provider_type: "openai", is_key_less: false },
  provider_status: "active",
  description: "",
  source: { type: "api" },
};

test("a provider that is opened and saved goes back as it came", () => {
  const body = providerBody(draftOfProvider(shown), shown);
  for (const member of ["network_config", "proxy_config", "custom_provider_config"] as const)
    assert.deepEqual(body[member], shown[member], member);
});

test("a new provider says its name, and no proxy while none is chosen", () => {
  const body = providerBody({ ...freshProvider("openai"), numbers: { max_retries: "two" } });
  assert.equal(body["provider"], "openai");
  assert.equal("proxy_config" in body, false);
  assert.equal(
    (body["network_config"] as Record<string, unknown>)["max_retries"],
    "two",
    "the gateway says what is wrong",
  );
});
