// Runs the gateway where it is expected to end by itself, or under limits of the system.
import { type ChildProcess, spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { launcher, temporaryFolder } from "./gateway.ts";

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

export interface RunOptions {
  /** Text of config.json. */
  readonly config?: string;
  /** Default: serve. */
  readonly command?: string;
  readonly flags?: readonly string[];
  /** Shell commands before it, such as `ulimit -n 256`. */
  readonly shell?: string;
  readonly appDir?: string;
  /** The environment names the app dir, or nobody does. */
  readonly noAppDir?: boolean;
}

export interface Running {
  readonly child: ChildProcess;
  readonly appDir: string;
  output(): string;
  readonly ended: Promise<Ended>;
}

/** Starts it and waits for nothing. */
export function runGateway(options: RunOptions): Running {
  const appDir = options.appDir ?? temporaryFolder("run");
  if (options.config !== undefined) writeFileSync(path.join(appDir, "config.json"), options.config);
  const place = options.noAppDir === true ? [] : ["-app-dir", appDir];
  const args = [process.execPath, launcher, options.command ?? "serve", ...place, ...(options.flags ?? [])];
  const script = `${options.shell ?? ":"}; exec "$@"`;
  const child = spawn("/bin/sh", ["-c", script, "sh", ...args], {
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  child.stdout.on("data", (data: Buffer) => (text += data.toString()));
  child.stderr.on("data", (data: Buffer) => (text += data.toString()));
  const kill = (): boolean => child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code) => {
      process.off("exit", kill);
      if (options.appDir === undefined) rmSync(appDir, { recursive: true, force: true });
      resolve({ code, output: text });
    });
  });
  return { child, appDir, output: () => text, ended };
}

/** Runs it to its end; after ten seconds it is killed. */
export async function runToEnd(options: RunOptions): Promise<Ended> {
  const { child, ended } = runGateway(options);
  const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
  const result = await ended;
  clearTimeout(timer);
  return result;
}
