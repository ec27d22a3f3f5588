// The registry holds every provider folder and nothing twice.
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { registry } from "./registry.ts";

test("every folder with a provider has its line, under its own name", () => {
  const here = new URL(".", import.meta.url);
  const folders = readdirSync(here).filter((name) => existsSync(new URL(`${name}/provider.ts`, here)));
  assert.deepEqual(
    registry
      .all()
      .map((adapter) => adapter.name)
      .sort(),
    folders.sort(),
  );
  for (const adapter of registry.all()) assert.equal(registry.get(adapter.name), adapter);
});

test("no two providers claim one variable of the environment", () => {
  const names = registry.all().flatMap((adapter) => adapter.environment);
  assert.equal(new Set(names).size, names.length);
});

test("an unknown name is nobody", () => {
  assert.equal(registry.get("nobody"), undefined);
  assert.equal(registry.get("constructor"), undefined);
});
