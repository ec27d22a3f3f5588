// Names that people write are taken; those that no header, path or line of a log can hold are refused with their place.
import assert from "node:assert/strict";
import { test } from "node:test";
import { nameProblem } from "./names.ts";
import { loadText } from "./testing.ts";

test("names of any script are taken, control characters and endless names are not", () => {
  for (const name of ["a", "my key", "ключ", "模型-1", "🙂", "a".repeat(256), "a/b", 'it\'s "quoted"'])
    assert.equal(nameProblem(name), null, name);
  for (const name of ["a\r\nx: 1", "a\0", "\t", "a\u0085b", "a\x7f"])
    assert.match(nameProblem(name) ?? "", /control/, JSON.stringify(name));
  for (const name of ["a".repeat(257), "模".repeat(86)]) assert.match(nameProblem(name) ?? "", /longer than 256 bytes/);
});

function refused(config: object): string {
  const result = loadText(JSON.stringify(config, null, 2));
  return result.ok ? "taken" : result.errors.map((error) => error.text).join("\n");
}

test("a provider, a key and a virtual key with such a name are refused at their places", () => {
  const broken = "a\r\nx-evil: 1";
  const named = { name: broken, value: "sk-test-1" };
  const custom = { custom_provider_config: { base_provider_type: "openai" } };
  assert.match(refused({ providers: { [broken]: custom } }), /^config\.json:3:5: the name of a provider holds control/);
  assert.match(
    refused({ providers: { openai: { keys: [named] } } }),
    /^config\.json:6:19: providers\.openai\.keys\[0\]\.name holds control characters/,
  );
  assert.match(
    refused({ governance: { virtual_keys: [named] } }),
    /^config\.json:5:17: governance\.virtual_keys\[0\]\.name holds control characters/,
  );
});
