// Prices end to end: a sheet from a file and from an address, reloaded, broken, kept over a restart, changed by the API.
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { after, test } from "node:test";
import { call, change } from "../support/admin-calls.ts";
import { post, startTestGateway, type TestGateway, temporaryFolder } from "../support/gateway.ts";
import { until } from "../support/rig.ts";

const folders: string[] = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function newFolder(): string {
  const folder = temporaryFolder("prices");
  folders.push(folder);
  return folder;
}

const sheet = (input: number): string =>
  JSON.stringify({ "openai/gpt-4o": { input_cost_per_token: input, output_cost_per_token: 1e-5 } });

interface Source {
  readonly url: string;
  body: string;
  status: number;
  asked: number;
  close(): void;
}

async function startSource(): Promise<Source> {
  const server = http.createServer((_request, response) => {
    source.asked += 1;
    response.writeHead(source.status, { etag: `"${source.body.length}"` }).end(source.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const source: Source = {
    url: `http://127.0.0.1:${port}/sheet.json`,
    body: sheet(3e-6),
    status: 200,
    asked: 0,
    close: () => void server.close(),
  };
  return source;
}

const PROVIDERS = { openai: { keys: [{ name: "main", value: "sk-test", weight: 1, models: ["gpt-4o"] }] } };

async function promptPrice(gateway: TestGateway): Promise<string | undefined> {
  const { json } = await change(
    gateway.url,
    "GET",
    "/api/models/details?provider=openai&query=gpt-4o&limit=0&unfiltered=true",
  );
  const found = json.models.find((model: { name: string }) => model.name === "gpt-4o");
  return found?.pricing?.prompt;
}

async function status(gateway: TestGateway) {
  return (await change(gateway.url, "GET", "/api/pricing/status")).json;
}

test("a sheet from an address is in force when a reload is answered; a broken one changes nothing and is told", async () => {
  const source = await startSource();
  const appDir = newFolder();
  const config = { providers: PROVIDERS, framework: { pricing: { pricing_url: `${source.url}?sig=secret` } } };
  const gateway = await startTestGateway({ config, appDir });
  try {
    await until("the sheet is in force", async () => (await status(gateway)).price_sheet.version !== null);
    assert.equal(await promptPrice(gateway), "0.000003");
    source.body = sheet(0.000_004_5);
    const reload = await change(gateway.url, "POST", "/api/pricing/force-sync");
    assert.match(reload.json.message, /in force/);
    assert.equal(await promptPrice(gateway), "0.0000045");
    assert.equal(reload.text.includes("sig=secret"), false);

    source.body = '{"openai/gpt-4o": {"input_cost_per_token": "much"}}';
    const broken = await call(gateway.url, "POST", "/api/pricing/force-sync");
    assert.equal(broken.status, 502);
    assert.match(broken.text, /gpt-4o.*input_cost_per_token is no number/);
    source.status = 500;
    assert.match((await call(gateway.url, "POST", "/api/pricing/force-sync")).text, /status 500/);
    assert.match((await status(gateway)).price_sheet.error, /status 500/);
    assert.equal(await promptPrice(gateway), "0.0000045");
    assert.equal((await call(gateway.url, "GET", "/health")).status, 200);
  } finally {
    await gateway.stop();
  }
  source.close();
  const again = await startTestGateway({ config, appDir });
  try {
    await until("the kept sheet is in force", async () => (await status(again)).price_sheet.version !== null);
    assert.equal(await promptPrice(again), "0.0000045");
    await until("its trouble is told", async () => (await status(again)).price_sheet.error !== null);
    assert.equal(again.output().includes("sig=secret"), false);
  } finally {
    await again.stop();
  }
});

test("a sheet from a file is read again by a reload", async () => {
  const appDir = newFolder();
  writeFileSync(path.join(appDir, "own.json"), sheet(1e-6));
  const config = { providers: PROVIDERS, framework: { pricing: { pricing_url: "own.json" } } };
  const gateway = await startTestGateway({ config, appDir });
  try {
    await change(gateway.url, "POST", "/api/pricing/force-sync");
    assert.equal(await promptPrice(gateway), "0.000001");
    writeFileSync(path.join(appDir, "own.json"), sheet(0.000_001_25));
    await change(gateway.url, "POST", "/api/pricing/force-sync");
    assert.equal(await promptPrice(gateway), "0.00000125");
    // what the pages send back unchanged stays
    await change(gateway.url, "PUT", "/api/config", {
      framework_config: { pricing_url: "own.json", pricing_sync_interval: 7200 },
    });
    assert.equal((await status(gateway)).price_sheet.pricing_sync_interval, 7200);
    await change(gateway.url, "POST", "/api/pricing/force-sync");
  } finally {
    await gateway.stop();
  }
});

test("without a sheet the bundled prices are in force; the API sets one, and takes it away", async () => {
  const source = await startSource();
  const gateway = await startTestGateway({ config: { providers: PROVIDERS } });
  try {
    assert.equal(await promptPrice(gateway), "0.0000025");
    const nothing = await change(gateway.url, "POST", "/api/pricing/force-sync");
    assert.match(nothing.json.message, /no price sheet is configured/);
    assert.match(nothing.json.bundled.date, /^20\d\d-\d\d-\d\d$/);
    await change(gateway.url, "PUT", "/api/config", { framework_config: { pricing_url: source.url } });
    await until("the sheet is in force", async () => (await promptPrice(gateway)) === "0.000003");
    await change(gateway.url, "PUT", "/api/config", { framework_config: { pricing_url: "" } });
    await until("the bundled prices are back", async () => (await promptPrice(gateway)) === "0.0000025");
    assert.equal((await status(gateway)).price_sheet, null);
    const refused = await call(gateway.url, "PUT", "/api/config", { framework_config: { pricing_url: "/etc/passwd" } });
    assert.equal(refused.status, 400);
  } finally {
    await gateway.stop();
    source.close();
  }
});

test("a sheet that comes while a request is under way does not change its price, and the next one has it", async () => {
  const source = await startSource();
  const held: (() => void)[] = [];
  const usage = { prompt_tokens: 1000, completion_tokens: 0, total_tokens: 1000 };
  const choices = [{ index: 0, message: { role: "assistant", content: "" }, finish_reason: "stop" }];
  const upstream = http.createServer((_request, response) => {
    const body = { id: "c", object: "chat.completion", created: 1, model: "gpt-4o", choices, usage };
    held.push(() => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body)));
  });
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  const network_config = { base_url: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}` };
  const providers = { openai: { ...PROVIDERS.openai, network_config } };
  const config = { providers, framework: { pricing: { pricing_url: source.url } } };
  const gateway = await startTestGateway({ config });
  const ask = (mark: string) =>
    post(
      `${gateway.url}/v1/chat/completions`,
      { model: "openai/gpt-4o", messages: [{ role: "user", content: "Hello!" }] },
      { "x-request-id": mark },
    );
  const costOf = async (mark: string) => (await gateway.logs(1, `client_request_id=${mark}`))[0]?.["cost"];
  try {
    await until("the sheet is in force", async () => (await status(gateway)).price_sheet.version !== null);
    const before = ask("before");
    await until("it is under way", () => held.length === 1);
    source.body = sheet(0.000_004_5);
    await change(gateway.url, "POST", "/api/pricing/force-sync");
    const next = ask("next");
    await until("the next one is too", () => held.length === 2);
    for (const answer of held) answer();
    await Promise.all([before, next]);
    assert.deepEqual([await costOf("before"), await costOf("next")], [0.003, 0.0045]);
  } finally {
    await gateway.stop();
    upstream.close();
    source.close();
  }
});
