// A provider that repeats the key it was called with: the key is in no answer, header, record, metric, line or file, whoever gave it.
import assert from "node:assert/strict";
import { globSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { ask } from "../support/conversation.ts";
import { ECHOES, startEchoUpstream } from "../support/echo-upstream.ts";
import { post, startTestGateway } from "../support/gateway.ts";

/** The one stands in the file, one in a variable, one comes by the API. */
const KEYS = {
  file: "sk-canary-of-the-file-0a1b2c3d4e5f",
  variable: "sk-canary-of-a-variable-9f8e7d6c5b",
  api: "sk-canary/of+the/api-112358132134=",
};

function provider(url: string, value: string): object {
  return {
    keys: [{ name: "only", value, models: ["*"], weight: 1 }],
    network_config: { base_url: url, default_request_timeout_in_seconds: 5 },
    custom_provider_config: { base_provider_type: "openai" },
  };
}

test("a key that the provider repeats is told to nobody", { timeout: 60_000 }, async () => {
  const upstream = await startEchoUpstream();
  const gateway = await startTestGateway({
    config: {
      providers: { file: provider(upstream.url, KEYS.file), variable: provider(upstream.url, "env.ECHO_KEY") },
    },
    environment: { ECHO_KEY: KEYS.variable },
    flags: ["-log-level", "debug"],
  });
  const places: [string, string][] = [];
  const raw = { "x-bf-send-back-raw-request": "true", "x-bf-send-back-raw-response": "true" };
  try {
    const made = await post(`${gateway.url}/api/providers`, { provider: "api", ...provider(upstream.url, KEYS.api) });
    assert.equal(made.status, 200, made.text);
    let asked = 0;
    for (const name of Object.keys(KEYS))
      for (const model of Object.keys(ECHOES))
        for (const dialect of ["openai", "anthropic"] as const)
          for (const stream of [false, true]) {
            const reply = await ask(gateway.url, { dialect, stream, model: `${name}/${model}`, headers: raw });
            asked++;
            places.push([
              `${dialect} ${name}/${model} ${stream}`,
              `${reply.text} ${JSON.stringify([...reply.headers])}`,
            ]);
          }
    const rows = await gateway.logs(asked);
    places.push(["the list of the log", JSON.stringify(rows)]);
    for (const { id } of rows) places.push([`row ${id}`, await (await fetch(`${gateway.url}/api/logs/${id}`)).text()]);
    for (const target of ["/metrics", "/", "/health", "/api/providers", "/api/keys", "/api/config"])
      places.push([target, await (await fetch(gateway.url + target)).text()]);
    for (const file of globSync("**/*", { cwd: gateway.appDir })) {
      const place = path.join(gateway.appDir, file);
      if (file !== "config.json" && statSync(place).isFile()) places.push([file, readFileSync(place, "latin1")]);
    }
    // every attempt reached the provider with the key: else nothing was repeated
    assert.deepEqual(new Set(upstream.keys), new Set(Object.values(KEYS)));
    assert.ok(upstream.keys.length >= asked);
  } finally {
    await gateway.stop().catch(() => {});
    await upstream.close();
  }
  places.push(["the output", gateway.output()]);
  const spelled = Object.values(KEYS).flatMap((key) => [key, key.replaceAll("/", "\\/")]);
  const found = places.flatMap(([place, text]) =>
    spelled.flatMap((key) => {
      const at = text.indexOf(key);
      return at < 0 ? [] : [`${place}: …${text.slice(Math.max(0, at - 60), at + 20)}`];
    }),
  );
  assert.deepEqual(found, []);
});
