// Every configuration under examples/ starts as it is, and warns of unset variables and of what is not there yet, of nothing else.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { post, startTestGateway, temporaryFolder } from "../support/gateway.ts";

const folder = path.resolve(import.meta.dirname, "../../examples");
const files = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .toSorted();

/** What may be ignored, with a word: it goes from this list when it works. */
const NOT_YET: Readonly<Record<string, readonly RegExp[]>> = {
  "bifrost-1.4.json": [/concurrency_and_buffer_size\.\w+ is not supported yet/],
  "bifrost-2.json": [/concurrency_and_buffer_size\.\w+ is not supported yet/],
  "plugins.json": [/plugin "otel" is not supported yet/],
  "several-providers.json": [/concurrency_and_buffer_size\.\w+ is not supported yet/],
};

/** The variables that a file names, each as often as it does. */
function variablesOf(text: string): string[] {
  return [...text.matchAll(/"env\.(\w+)"/g)].map((match) => match[1] ?? "");
}

interface StartLine {
  readonly level: string;
  readonly config: string;
  readonly providers: readonly string[];
  readonly warnings: readonly string[];
}

// several at once: most of a start is waiting
describe("the examples", { concurrency: 3 }, () => {
  for (const name of files) {
    test(`${name} starts, and tells each unset variable once`, async () => {
      const text = readFileSync(path.join(folder, name), "utf8");
      const appDir = temporaryFolder("example");
      const gateway = await startTestGateway({ appDir, flags: ["-config", path.join(folder, name)] });
      try {
        const line = JSON.parse(gateway.output().split("\n", 1)[0] ?? "") as StartLine;
        assert.equal(line.config, path.join(folder, name));
        const declared = Object.keys((JSON.parse(text) as { providers: object }).providers);
        assert.deepEqual(
          declared.filter((provider) => !line.providers.includes(provider)),
          [],
        );
        const rest = [...line.warnings];
        for (const variable of variablesOf(text)) {
          const told = rest.findIndex((warning) => new RegExp(`\\b${variable}\\b.* is not set`).test(warning));
          assert.notEqual(told, -1, `${variable}: ${line.warnings.join("\n")}`);
          rest.splice(told, 1);
        }
        const unexpected = rest.filter((warning) => !(NOT_YET[name] ?? []).some((pattern) => pattern.test(warning)));
        assert.deepEqual(unexpected, []);
        const demo = await post(`${gateway.url}/v1/chat/completions`, {
          model: "demo/echo",
          messages: [{ role: "user", content: "as it is" }],
        });
        assert.equal(demo.status, text.includes('"enforce_auth_on_inference": true') ? 401 : 200, demo.text);
      } finally {
        assert.equal(await gateway.stop(), 0);
        rmSync(appDir, { recursive: true });
      }
    });
  }
});

test("every example is explained in a line, and nothing else is", () => {
  const page = readFileSync(path.join(folder, "README.md"), "utf8");
  const explained = [...page.matchAll(/^\| \[([\w.-]+)\]\(\1\) \| \S.{10,} \|$/gm)].map((match) => match[1] ?? "");
  assert.deepEqual(explained.toSorted(), files);
});

test("with the variables set, nothing of a minimal file is left to warn of", async () => {
  const gateway = await startTestGateway({
    environment: { OPENAI_API_KEY: "sk-example" },
    flags: ["-config", path.join(folder, "minimal.json")],
  });
  try {
    assert.deepEqual((JSON.parse(gateway.output().split("\n", 1)[0] ?? "") as StartLine).warnings, []);
  } finally {
    await gateway.stop();
  }
});
