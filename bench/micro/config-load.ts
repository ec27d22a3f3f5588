// Measures how long a configuration of many virtual keys takes to load, and how much memory it needs at most: `node bench/micro/config-load.ts [keys]`.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openConfiguration } from "../../src/config/load.ts";
import { registry } from "../../src/providers/registry.ts";

const count = Number(process.argv[2] ?? 100_000);
const folder = process.argv[3] ?? mkdtempSync(path.join(tmpdir(), "drawbridge-config-load-"));

/** As a file of many tenants looks: a key each, with a budget and a rate limit. */
function virtualKey(index: number): object {
  const number = String(index).padStart(12, "0");
  return {
    id: `vk-${number}`,
    name: `tenant ${number}`,
    value: `sk-bf-00000000-0000-4000-8000-${number}`,
    is_active: true,
    provider_configs: [{ provider: "openai", weight: 1, allowed_models: ["gpt-4o", "gpt-4o-mini"] }],
    budgets: [{ max_limit: 100.5, reset_duration: "1d" }],
    rate_limit: { request_max_limit: 1000, request_reset_duration: "1h" },
  };
}

function writeConfig(): number {
  const config = {
    providers: { openai: { keys: [{ name: "main", value: "sk-test" }] } },
    governance: { virtual_keys: Array.from({ length: count }, (_, index) => virtualKey(index)) },
  };
  const text = JSON.stringify(config);
  writeFileSync(path.join(folder, "config.json"), text);
  return text.length;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

/** In a process of its own: what writing the file took must not count. */
function load(how: "read" | "check"): void {
  const before = process.memoryUsage().rss;
  const started = performance.now();
  const cpuBefore = process.threadCpuUsage();
  const result = openConfiguration({
    appDir: folder,
    configPath: null,
    environment: {},
    registry,
    catalogue: [],
  }).finish(how);
  const took = performance.now() - started;
  const { user, system } = process.threadCpuUsage(cpuBefore);
  const cpu = (user + system) / 1000;
  const keys = result.ok ? result.entities.filter((entity) => entity.kind === "virtual-key").length : 0;
  const peak = process.resourceUsage().maxRSS * 1024;
  if (!result.ok) throw new Error(result.errors[0]?.text);
  console.log(
    `${how} (${keys} kept): ${took.toFixed(0)} ms, ${cpu.toFixed(0)} ms of processor time in its thread; memory ${megabytes(before)} before, ${megabytes(peak)} at most`,
  );
}

if (process.argv[3] !== undefined) load(process.argv[4] === "check" ? "check" : "read");
else {
  console.log(megabytes(writeConfig()));
  for (const how of ["read", "check", "read", "check"])
    execFileSync(process.execPath, [...process.execArgv, import.meta.filename, String(count), folder, how], {
      stdio: "inherit",
    });
  rmSync(folder, { recursive: true, force: true });
}
