// Canaries: a different secret in every member that takes one, and none of them in any answer, error, log line or file.
import assert from "node:assert/strict";
import { globSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { ask } from "../support/conversation.ts";
import { startFaultUpstream } from "../support/fault-upstream.ts";
import { startTestGateway } from "../support/gateway.ts";
import { manage, provider14, type Shown } from "./management.ts";

const planted: string[] = [];

/** Long enough that its mask is no part of it. */
function canary(name: string): string {
  const secret = `${name}-canary-${planted.length}-0123456789abcdef`;
  planted.push(secret);
  return secret;
}

function everyProvider(url: string): Shown[] {
  const plain = (name: string): Shown => ({ value: canary(name), env_var: "", from_env: false });
  return [
    {
      ...provider14("acme", url, canary("key")),
      network_config: { base_url: url, extra_headers: { "x-org": canary("header") } },
    },
    {
      provider: "azure",
      keys: [
        {
          name: "west",
          value: plain("azure"),
          azure_key_config: {
            endpoint: "https://west.openai.azure.com",
            client_id: "c",
            tenant_id: "t",
            client_secret: plain("entra"),
          },
        },
      ],
      proxy_config: { type: "http", url: "http://127.0.0.1:9", username: "u", password: plain("proxy") },
    },
    {
      provider: "vertex",
      keys: [{ name: "gcp", vertex_key_config: { project_id: "p", auth_credentials: plain("vertex") } }],
    },
    {
      provider: "bedrock",
      keys: [
        {
          name: "aws",
          bedrock_key_config: {
            region: "r",
            access_key: plain("access"),
            secret_key: plain("aws"),
            session_token: plain("session"),
          },
        },
      ],
    },
    { provider: "vllm", keys: [{ name: "v", value: canary("vllm"), vllm_key_config: { url } }] },
    { provider: "groq", keys: [{ name: "env", value: "env.CANARY_KEY" }] },
  ];
}

test("no planted secret stands in an answer, an error, the output or a file", { timeout: 60_000 }, async () => {
  const upstream = await startFaultUpstream();
  const start = { environment: { CANARY_KEY: canary("environment") }, flags: ["-log-level", "debug"] };
  const gateway = await startTestGateway(start).catch(async (error) => {
    await upstream.close();
    throw error;
  });
  const api = manage(gateway.url);
  try {
    for (const body of everyProvider(upstream.url)) {
      const made = await api.call("POST", "/api/providers", body);
      assert.equal(made.status, 200, made.text);
      const one = `/api/providers/${body.provider}`;
      const shown = await api.get(one);
      await api.put(one, shown);
      for (const key of shown.keys) await api.put(`${one}/keys/${key.id}`, await api.get(`${one}/keys/${key.id}`));
      // refused bodies hold their secrets too
      await api.call("PUT", one, { ...body, network_config: { max_retries: canary("type") } });
      await api.call("PUT", one, { ...body, [canary("member")]: 1 });
      await api.call("PUT", one, { ...body, keys: [{ name: "k", value: `${canary("line")}\n` }] });
      await api.call("PUT", one, { ...body, keys: [{ name: "k", value: { valu: canary("shape") } }] });
      await api.call("PUT", one, JSON.stringify({ keys: [{ name: "k", value: canary("syntax") }] }).slice(0, -1));
      await api.call("PUT", one, { ...body, network_config: { base_url: `http://u:${canary("url")}@127.0.0.1:9` } });
    }
    await api.put("/api/proxy-config", {
      enabled: false,
      url: "http://127.0.0.1:9",
      password: canary("gateway-proxy"),
    });
    await api.call("PUT", "/api/proxy-config", { url: `http://u:${canary("proxy-url")}@127.0.0.1:9` });
    await api.call("PUT", "/api/config", {
      auth_config: { admin_username: "ada", admin_password: canary("password"), is_enabled: false },
    });
    await api.post("/api/config/metadata", { token: canary("metadata") });
    for (const target of [
      "/api/providers",
      "/api/keys",
      "/api/config",
      "/api/proxy-config",
      "/api/models?limit=0",
      "/metrics",
      "/health",
      "/",
    ])
      await api.call("GET", target);
    for (const model of ["acme/echo", "acme/echo-key", "acme/status-500", "azure/gpt-4o", "vllm/echo", "groq/x"]) {
      const reply = await ask(gateway.url, { model });
      api.answers.push({ call: `POST ${model}`, text: `${reply.text} ${JSON.stringify([...reply.headers])}` });
    }
    for (const name of ["acme", "azure", "vllm"]) await api.call("POST", `/api/providers/${name}/refresh-models`);
    for (const name of ["acme", "azure"]) await api.call("DELETE", `/api/providers/${name}`);
    await gateway.logs(1);
    const files = globSync("**/*", { cwd: gateway.appDir })
      .map((file) => path.join(gateway.appDir, file))
      .filter((file) => statSync(file).isFile());
    assert.ok(
      files.some((file) => file.endsWith("config.db")),
      files.join(),
    );
    const places: (readonly [string, string])[] = [
      ...api.answers.map(({ call, text }) => [call, text] as const),
      ...files.map((file) => [file, readFileSync(file, "latin1")] as const),
      ["the output", gateway.output()],
    ];
    const found = places.flatMap(([place, text]) =>
      planted.filter((secret) => text.includes(secret)).map((secret) => `${secret} in ${place}`),
    );
    // an unknown member is told by its name, so what somebody writes there is shown
    assert.deepEqual(
      found.filter((line) => !line.startsWith("member-")),
      [],
    );
    for (const file of files) assert.equal(statSync(file).mode & 0o077, 0, `${file} is open to others`);
  } finally {
    await gateway.stop();
    await upstream.close();
  }
});
