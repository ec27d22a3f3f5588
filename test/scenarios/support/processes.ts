// Runs what people run beside the gateway: shell lines, the command line, Python scripts.
import { spawn } from "node:child_process";
import path from "node:path";
import { launcher } from "../../support/gateway.ts";

export const root = path.resolve(import.meta.dirname, "../../..");
export const python = path.join(root, ".venv/bin/python");

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The environment without proxies, credentials or a configuration. */
export function plainEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { PATH = "", HOME = "", LANG = "C.UTF-8" } = process.env;
  return { PATH, HOME, LANG, ...more };
}

export function execute(command: string, args: readonly string[], environment = plainEnvironment()): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 90_000,
    });
    let out = "";
    let err = "";
    child.stdout.on("data", (data: Buffer) => (out += data.toString()));
    child.stderr.on("data", (data: Buffer) => (err += data.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

/** As pasted into a terminal. */
export function shell(text: string): Promise<Finished> {
  return execute("sh", ["-c", text]);
}

/** `drawbridge …` */
export function drawbridge(...args: readonly string[]): Promise<Finished> {
  return execute(process.execPath, [launcher, ...args]);
}
