// The operational log: levels, both styles, and secrets that never come through.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LogLevel } from "../core/plane-messages.ts";
import { createLog } from "./log.ts";

function logTo(style: "json" | "pretty", level: LogLevel = "debug") {
  const lines: string[] = [];
  const log = createLog({ level, style, sink: { write: (line) => void lines.push(line) } });
  return { log, lines };
}

describe("the operational log", () => {
  it("writes one JSON object a line with level, time, message and fields", () => {
    const { log, lines } = logTo("json");
    log.write("warn", "the store is locked", { retries: 3, path: "logs.db" });
    const { time, ...rest } = JSON.parse(lines[0] as string);
    assert.deepEqual(rest, { level: "warn", retries: 3, path: "logs.db", message: "the store is locked" });
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it("writes nothing below its level", () => {
    const { log, lines } = logTo("json", "warn");
    log.write("info", "a");
    log.write("error", "b");
    assert.equal(lines.length, 1);
  });

  it("writes readable lines in the pretty style", () => {
    const { log, lines } = logTo("pretty");
    log.write("info", "listening", { port: 8080, at: "two words" });
    assert.match(lines[0] as string, /^\d\d:\d\d:\d\d\.\d{3} INFO {2}listening port=8080 at="two words"\n$/);
  });

  it("lets text from outside neither move the cursor nor begin a line", () => {
    const { log, lines } = logTo("pretty");
    log.write("info", "a\x1b[2J\nb", { c: "\r\nERROR" });
    assert.doesNotMatch(lines[0] as string, /\x1b|\r|^b/m); // oxlint-disable-line no-control-regex
  });

  it("masks the secrets it was told, wherever they stand", () => {
    const { log, lines } = logTo("json");
    log.conceal(["planted-canary"]);
    log.write("error", "refused planted-canary by x", { detail: "a planted-canary b" });
    assert.doesNotMatch(lines[0] as string, /canary/);
  });

  it("masks what looks like a credential", () => {
    const { log, lines } = logTo("json");
    const samples = [
      "Authorization: Bearer abc.def-ghi",
      "key sk-proj-0123456789abcdef",
      "gsk_0123456789abcdef",
      "AKIAIOSFODNN7EXAMPLE",
      "https://user:hunter22@proxy:3128/",
      '{"api_key":"hunter22x"}',
      "?token=hunter22y&x=1",
    ];
    for (const sample of samples) log.write("info", sample, { authorization: "hunter22z", "x-api-key": "hunter22w" });
    assert.equal(lines.length, samples.length);
    assert.doesNotMatch(lines.join(""), /hunter22|abc\.def|0123456789abcdef|IOSFODNN/);
  });

  it("leaves ordinary fields as they are", () => {
    const { log, lines } = logTo("json");
    log.write("info", "tokens used: 12", { key_id: "k1", total_tokens: 12, provider: "openai" });
    const entry = JSON.parse(lines[0] as string);
    assert.equal(entry.message, "tokens used: 12");
    assert.deepEqual([entry.key_id, entry.total_tokens, entry.provider], ["k1", 12, "openai"]);
  });
});
