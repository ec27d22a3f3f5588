// `npm start` in a checkout, as the README says it: the web UI and the documentation are there, and it stops when it is told to.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { freePort, temporaryFolder } from "../support/gateway.ts";
import { until } from "../support/rig.ts";

const root = path.resolve(import.meta.dirname, "../..");

test("npm start serves the web UI and the documentation", async () => {
  const appDir = temporaryFolder("npm-start");
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const npm = spawn("npm", ["start", "--", "-port", String(port), "-app-dir", appDir], {
    cwd: root,
    env: { PATH: process.env["PATH"], HOME: appDir },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  npm.stdout.on("data", (data: Buffer) => (output += data.toString()));
  npm.stderr.on("data", (data: Buffer) => (output += data.toString()));
  // npm, its shell and the gateway are one group: nothing of it outlives the test
  const kill = (signal: NodeJS.Signals): void => void process.kill(-(npm.pid as number), signal);
  const ended = new Promise<void>((resolve) => npm.once("exit", () => resolve()));
  try {
    const answers = () =>
      fetch(`${base}/health`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until("the gateway answers", answers, 60_000);
    const page = await fetch(base, { headers: { accept: "text/html" } });
    const script = /<script[^>]* src="([^"]+)"/.exec(await page.text())?.[1] ?? "no script";
    const code = await fetch(new URL(script, base));
    assert.match(code.headers.get("content-type") ?? "", /javascript/, script);
    for (const place of ["/docs", "/llms.txt", "/openapi.json"]) {
      const answer = await fetch(base + place);
      assert.equal(answer.status, 200, `${place}\n${output}`);
      await answer.arrayBuffer();
    }
    kill("SIGTERM");
    await ended;
    assert.equal(await answers(), false);
  } finally {
    if (npm.exitCode === null && npm.signalCode === null) kill("SIGKILL");
    rmSync(appDir, { recursive: true, force: true });
  }
});
