// Runs a script of test/python and turns each of its lines into a test.
import assert from "node:assert/strict";
import path from "node:path";
import type { TestContext } from "node:test";
import { execute, plainEnvironment, python, root } from "./processes.ts";

interface Line {
  readonly name: string;
  readonly ok: boolean;
  readonly error: string | null;
}

/** Each check of the script is a subtest; a script that ends early or says nothing fails. */
export async function runChecks(t: TestContext, script: string, ...args: readonly string[]): Promise<void> {
  const environment = plainEnvironment({ PYTHONDONTWRITEBYTECODE: "1" });
  const { code, out, err } = await execute(python, [path.join(root, "test/python", script), ...args], environment);
  const lines = out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
  for (const line of lines) await t.test(line.name, () => assert.ok(line.ok, line.error ?? ""));
  assert.ok(lines.length > 0, `${script} checked nothing:\n${err}`);
  assert.equal(code, lines.every((line) => line.ok) ? 0 : 1, `${script} ended with ${code}:\n${err}`);
}
