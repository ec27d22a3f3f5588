// S1: started with nothing configured. What the terminal says is true, and providers whose variable is set work at once.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import OpenAI, { NotFoundError } from "openai";
import { BASE, type Stage, setStage, untilPortIsFree } from "./support/house.ts";
import { shell } from "./support/processes.ts";
import { HELLO } from "./support/repertoire.ts";
import { startInTerminal, type Terminal } from "./support/terminal.ts";

/** The line behind its label. */
function labelled(terminal: Terminal, label: string): string {
  const line = terminal.lines().find((one) => one.startsWith(`  ${label} `));
  assert.ok(line !== undefined, `no line "${label}" in:\n${terminal.lines().join("\n")}`);
  return line.slice(label.length + 3).trim();
}

describe("with no variable set", () => {
  let terminal: Terminal;
  before(async () => {
    await untilPortIsFree();
    terminal = await startInTerminal({});
  });

  test("the start text has 4 to 8 lines and names the address", () => {
    const lines = terminal.lines();
    assert.ok(lines.length >= 4 && lines.length <= 8, lines.join("\n"));
    assert.match(lines[0] ?? "", /^Drawbridge \d+\.\d+\.\d+ is running at http:\/\/localhost:8080$/);
    assert.match(labelled(terminal, "providers"), /^demo$/);
  });

  test("the curl that it prints works as printed", async () => {
    const line = labelled(terminal, "try");
    assert.match(line, /^curl http:\/\/localhost:8080\/v1\/chat\/completions /);
    const { code, out, err } = await shell(line);
    assert.equal(code, 0, err);
    const answer = JSON.parse(out);
    assert.match(answer.choices[0].message.content, /Hello!/);
    assert.equal(answer.extra_fields.provider, "demo");
  });

  test("the page is there, says what runs, and its calls work", async () => {
    const page = await fetch(labelled(terminal, "UI"));
    assert.equal(page.status, 200);
    assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
    const html = await page.text();
    assert.match(html, /demo/);
    const curl = /<code>(curl[^<]*)<\/code>/.exec(html)?.[1] ?? "";
    const text = curl.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
    const { code, out, err } = await shell(text);
    assert.equal(code, 0, `${text}\n${err}`);
    assert.match(JSON.parse(out).choices[0].message.content, /Hello!/);
  });

  test("a browser gets the UI there", async () => {
    const address = labelled(terminal, "UI");
    const page = await fetch(address, { headers: { accept: "text/html,application/xhtml+xml" } });
    const script = /<script[^>]* src="([^"]+)"/.exec(await page.text())?.[1] ?? "no script";
    const code = await fetch(new URL(script, address));
    assert.match(code.headers.get("content-type") ?? "", /javascript/, script);
    await code.arrayBuffer();
  });

  test("a provider that has no key is an error that says what to do", async () => {
    const client = new OpenAI({ baseURL: `${BASE}/v1`, apiKey: "unused", maxRetries: 0 });
    const call = client.chat.completions.create({
      model: "openai/gpt-4o",
      messages: [{ role: "user", content: "Hi" }],
    });
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof NotFoundError);
      assert.match(error.message, /openai/);
      return true;
    });
  });

  test("it stops in order at a SIGTERM", async () => {
    assert.equal(await terminal.stop(), 0);
  });
});

describe("with OPENAI_API_KEY and ANTHROPIC_API_KEY set", () => {
  let stage: Stage;
  let terminal: Terminal;
  before(async () => {
    await untilPortIsFree();
    stage = await setStage();
    terminal = await startInTerminal({
      ...stage.environment,
      OPENAI_API_KEY: "sk-from-the-environment",
      ANTHROPIC_API_KEY: "sk-ant-from-the-environment",
    });
  });
  after(async () => {
    await terminal.stop();
    await stage.close();
  });

  test("the start text names them, and stays within 8 lines", () => {
    const names = labelled(terminal, "providers").split(", ");
    assert.deepEqual(names.toSorted(), ["anthropic", "demo", "openai"]);
    assert.ok(terminal.lines().length <= 8, terminal.lines().join("\n"));
    assert.doesNotMatch(terminal.lines().join("\n"), /from-the-environment/);
  });

  for (const [model, provider, key] of [
    ["openai/gpt-4o-mini", "openai", "sk-from-the-environment"],
    ["anthropic/claude-3-5-sonnet-20241022", "anthropic", "sk-ant-from-the-environment"],
    ["gpt-4o-mini", "openai", "sk-from-the-environment"],
    ["claude-3-5-sonnet-20241022", "anthropic", "sk-ant-from-the-environment"],
  ] as const)
    test(`${model} is answered by ${provider} with the key of the environment`, async () => {
      stage.reset();
      const client = new OpenAI({ baseURL: `${BASE}/v1`, apiKey: "unused", maxRetries: 0 });
      const answer = await client.chat.completions.create({ model, messages: [{ role: "user", content: "Hello!" }] });
      assert.equal(answer.choices[0]?.message.content, HELLO);
      assert.deepEqual(
        stage.calls().map((call) => [call.provider, call.key]),
        [[provider, key]],
      );
    });

  test("the models of both are listed", async () => {
    const client = new OpenAI({ baseURL: `${BASE}/v1`, apiKey: "unused", maxRetries: 0 });
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    assert.ok(ids.includes("openai/gpt-4o"), ids.join());
    assert.ok(ids.includes("anthropic/claude-3-5-sonnet-20241022"), ids.join());
  });
});
