// Starts the gateway the way a newcomer does: in a terminal, without a flag, without a file.
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { launcher, temporaryFolder } from "../../support/gateway.ts";
import { BASE } from "./house.ts";
import { plainEnvironment, python, root } from "./processes.ts";

export interface Terminal {
  /** Lines on the screen, without colours and the terminal's line ends. */
  lines(): string[];
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
}

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

/** Waits until the gateway answers and has said so. */
export async function startInTerminal(environment: Readonly<Record<string, string>>): Promise<Terminal> {
  const home = temporaryFolder("home");
  const child = spawn(python, [path.join(root, "test/python/in_terminal.py"), process.execPath, launcher], {
    cwd: home,
    env: { ...plainEnvironment(environment), HOME: home, TERM: "xterm" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (data: Buffer) => (text += data.toString()));
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  const lines = (): string[] =>
    text
      .replaceAll(COLOURS, "")
      .split(/\r?\n/)
      .filter((line) => line !== "");
  for (let tries = 0; !(await answers()) || !/^ +UI +http/m.test(text); tries++) {
    if (child.exitCode !== null || tries > 400) {
      // Whoever runs next needs the port: the gateway goes with its terminal, not after it.
      child.kill("SIGTERM");
      throw new Error(`the gateway did not start:\n${text}`);
    }
    await pause(25);
  }
  return {
    lines,
    stop: async () => {
      process.off("exit", kill);
      const ended = new Promise((resolve) => child.once("exit", resolve));
      if (child.exitCode === null && child.kill("SIGTERM")) await ended;
      rmSync(home, { recursive: true, force: true });
      return child.exitCode;
    },
  };
}

async function answers(): Promise<boolean> {
  try {
    return (await fetch(`${BASE}/health`)).ok;
  } catch {
    return false;
  }
}
