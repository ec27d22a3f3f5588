// Secrets in the spellings of both versions: what is shown, and what is meant by what comes back.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { maskSecret } from "../config/book/secrets.ts";
import { decodeSecret, encodeSecret, isMask, isSecretShape } from "./secret-shape.ts";

describe("a mask", () => {
  it("tells nothing of a short secret and the ends of a long one", () => {
    assert.equal(maskSecret(""), "");
    assert.equal(maskSecret("12345678"), "********");
    assert.equal(maskSecret("sk-123456"), `sk-1${"*".repeat(24)}3456`);
  });

  it("is known again, whatever the secret was", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 80 }), (secret) => isMask(maskSecret(secret))),
      { seed: 7, numRuns: 300 },
    );
    for (const text of ["sk-abcdef", "", "*********", "env.NAME", "ab***cd"]) assert.equal(isMask(text), false, text);
    assert.equal(isMask("<redacted>"), true);
  });
});

describe("the object form", () => {
  it("has the members of 1.4 and of 2.x", () => {
    assert.deepEqual(encodeSecret(undefined, "sk-1****"), {
      value: "sk-1****",
      env_var: "",
      from_env: false,
      type: "plain",
    });
    assert.deepEqual(encodeSecret("env.KEY", "sk-1****"), {
      value: "sk-1****",
      env_var: "env.KEY",
      from_env: true,
      ref: "env.KEY",
      type: "env",
    });
    assert.deepEqual(encodeSecret("vault.path#key", ""), {
      value: "",
      env_var: "",
      from_env: false,
      ref: "vault.path#key",
      type: "vault",
    });
  });

  it("is read as what it means, in every spelling", () => {
    for (const [given, meant] of [
      ["sk-plain", "sk-plain"],
      ["env.KEY", "env.KEY"],
      [{ value: "sk-plain" }, "sk-plain"],
      [{ value: "sk-plain", env_var: "", from_env: false }, "sk-plain"],
      [{ value: "sk-plain", type: "plain" }, "sk-plain"],
      [{ value: "sk-plain", env_var: "env.OLD", from_env: false }, "sk-plain"],
      [{ value: "env.KEY", env_var: "", from_env: false }, "env.KEY"],
      [{ value: "env.KEY", env_var: "env.KEY", from_env: false }, "env.KEY"],
      [{ value: "sk-1****", env_var: "env.KEY", from_env: true }, "env.KEY"],
      [{ value: "", env_var: "env.KEY" }, "env.KEY"],
      [{ ref: "env.KEY", type: "env" }, "env.KEY"],
      [{ ref: "KEY", type: "env" }, "env.KEY"],
      [{ value: "KEY", type: "env" }, "env.KEY"],
      [{ value: null, ref: "env.KEY", type: "env" }, "env.KEY"],
      [{ ref: "path#key", type: "vault" }, "vault.path#key"],
      [{ value: "", env_var: "", from_env: false }, ""],
    ] as const)
      assert.equal(decodeSecret(given), meant, JSON.stringify(given));
  });

  it("comes back as the reference that it was made of", () => {
    for (const reference of ["env.KEY", "vault.a/b#c"])
      assert.equal(decodeSecret(encodeSecret(reference, "shown")), reference);
  });

  it("is left to the schema when it has other members or types", () => {
    for (const given of [{ valeu: "x" }, { value: 5 }, { from_env: "yes" }, {}, [], 5, null])
      assert.equal(decodeSecret(given), given);
    assert.equal(isSecretShape({ value: "x", more: 1 }), false);
  });
});
