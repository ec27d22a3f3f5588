// App dirs that were in use, for tests of what a start makes of them.
import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import path from "node:path";
import { makeKey } from "./admin-calls.ts";
import { ask } from "./conversation.ts";
import { startTestGateway, temporaryFolder } from "./gateway.ts";

/** The key of the provider in it. */
export const CANARY = "sk-canary-of-the-store-0123456789";

/** A file with one provider. */
export const configOf = (provider: string): string =>
  JSON.stringify({ providers: { [provider]: { keys: [{ name: "main", value: CANARY }] } } });

/** Where its configuration store is. */
export const storeOf = (appDir: string): string => path.join(appDir, "config.db");

const templates = new Map<string, Promise<string>>();

/** To be called at the end of a test file. */
export async function removeTemplates(): Promise<void> {
  for (const folder of templates.values()) rmSync(await folder, { recursive: true, force: true });
}

/** A copy of an app dir that was in use: with a provider of the file, a key made by the API, and a row. */
export async function used(environment: Record<string, string> = {}): Promise<string> {
  const name = JSON.stringify(environment);
  const template = templates.get(name) ?? use(environment);
  templates.set(name, template);
  const appDir = temporaryFolder("used");
  cpSync(await template, appDir, { recursive: true, preserveTimestamps: true });
  return appDir;
}

/** An app dir of its own, with stores and a key that no other has. */
export async function use(environment: Record<string, string>): Promise<string> {
  const appDir = temporaryFolder("template");
  const gateway = await startTestGateway({ appDir, config: configOf("openai"), environment });
  await makeKey(gateway.url, "kept");
  assert.equal((await ask(gateway.url, { model: "demo/echo" })).status, 200);
  assert.equal(await gateway.stop(), 0);
  return appDir;
}
