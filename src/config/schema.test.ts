// Tests of the schema: our reader and typebox's own validator agree on what is right and what is wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Compile } from "typebox/compile";
import { ConfigDocument } from "./document.ts";
import { type Config, configSchema } from "./schema/config.ts";
import { SourceText } from "./source-text.ts";
import { readSyntax } from "./syntax.ts";
import { readValue, type Shape } from "./validate.ts";

const validator = Compile(configSchema);

function isTaken(value: unknown): boolean {
  const document = new ConfigDocument(new SourceText("config.json", JSON.stringify(value)));
  const tree = readSyntax(document);
  if (tree !== undefined) readValue(document, tree, configSchema as Shape, "");
  return !document.isRefused;
}

/** Values that fit the schema more or less: each member right, wrong, or something. */
function shaped(shape: Shape, depth: number): fc.Arbitrary<unknown> {
  const odd = fc.oneof(
    fc.string({ maxLength: 3 }),
    fc.integer({ min: -2, max: 3 }),
    fc.boolean(),
    fc.constant([]),
    fc.constant(1.5),
  );
  const fitting = fits(shape, depth);
  return fc.oneof({ weight: 12, arbitrary: fitting }, { weight: 1, arbitrary: odd });
}

function fits(shape: Shape, depth: number): fc.Arbitrary<unknown> {
  if (shape.anyOf !== undefined) return fc.oneof(...shape.anyOf.map((branch) => shaped(branch, depth)));
  if (shape.enum !== undefined) return fc.constantFrom(...shape.enum);
  const pattern = Object.values(shape.patternProperties ?? {})[0];
  if (pattern !== undefined)
    return fc.dictionary(fc.constantFrom("openai", "other"), shaped(pattern, depth - 1), { maxKeys: 2 });
  switch (shape.type) {
    case "object":
      if (depth <= 0) return fc.constant({});
      return fc.record(
        Object.fromEntries(
          Object.entries(shape.properties ?? {}).map(([name, member]) => [name, shaped(member, depth - 1)]),
        ),
        {
          requiredKeys: [],
        },
      );
    case "array":
      return fc.array(shaped(shape.items ?? {}, depth - 1), { maxLength: 2 });
    case "string":
      return fc.constantFrom("", "a", "env.X");
    case "integer":
      return fc.integer({ min: -1, max: 3 });
    case "number":
      return fc.constantFrom(-0.5, 0, 1, 2.5, 1e300);
    case "boolean":
      return fc.boolean();
    default:
      return fc.constant(null);
  }
}

test("agrees with typebox on thousands of configurations, right and wrong", () => {
  let right = 0;
  let wrong = 0;
  // one block at a time: a whole random file is wrong somewhere nearly always
  const blocks = Object.entries((configSchema as Shape).properties ?? {}).filter(
    ([, member]) => member.later === undefined,
  );
  for (const [name, member] of blocks) {
    fc.assert(
      fc.property(shaped(member, 3), (block) => {
        const value = { [name]: block };
        const taken = isTaken(value);
        assert.equal(taken, validator.Check(value), JSON.stringify(value));
        if (taken) right++;
        else wrong++;
      }),
      { seed: 5, numRuns: 150 },
    );
  }
  assert.ok(right > 200 && wrong > 200, `${right} right, ${wrong} wrong`);
});

test("a value that needs no change is handed on as it is, another one as a copy at the same place", () => {
  const text = '{"client": {"enable_logging": null, "allowed_origins": ["*"]}, "server": {"allowed_hosts": ["a"]}}';
  const document = new ConfigDocument(new SourceText("config.json", text));
  const content = readSyntax(document) as Record<string, Record<string, unknown>>;
  const config = readValue(document, content, configSchema as Shape, "") as Config;
  assert.equal(config.server, content.server);
  assert.deepEqual(Object.keys(config.client ?? {}), ["allowed_origins"]);
  assert.equal(config.client?.allowed_origins, content.client?.allowed_origins);
  assert.deepEqual(document.at(config.client!), document.at(content.client!));
  assert.deepEqual(Object.keys(content.client!), ["enable_logging", "allowed_origins"], "the content stays as it was");
});

test("every member that is not yet supported says what it is, every other one is described", () => {
  const bare: string[] = [];
  const visit = (shape: Shape & { description?: string }, path: string): void => {
    for (const [name, member] of Object.entries(shape.properties ?? {})) {
      const described: Shape & { description?: string } = member;
      const where = `${path}.${name}`;
      if (
        described.description === undefined &&
        described.type !== "integer" &&
        described.anyOf === undefined &&
        described.secret !== true
      )
        bare.push(where);
      visit(member, where);
    }
    for (const inner of [
      ...(shape.anyOf ?? []),
      ...Object.values(shape.patternProperties ?? {}),
      ...(shape.items === undefined ? [] : [shape.items]),
    ])
      visit(inner, path);
  };
  visit(configSchema as Shape, "");
  // the parts of the object form of a secret, and what programs write beside budgets
  assert.deepEqual(
    bare.filter((path) => !/\.(ref|type|env_var|from_env)$/.test(path)),
    [],
  );
});
