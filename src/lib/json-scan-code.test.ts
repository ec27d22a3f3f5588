// The generated code of the scanner is what its source assembles to.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { generatedFile } from "../../scripts/build-wasm.ts";

test("json-scan-code.generated.ts is up to date: else run node scripts/build-wasm.ts", async () => {
  const file = path.join(import.meta.dirname, "json-scan-code.generated.ts");
  assert.equal(readFileSync(file, "utf8"), await generatedFile());
});
