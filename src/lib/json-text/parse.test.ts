// Tests of the reader of JSON texts: it reads what JSON.parse reads, finds every place again, and breaks where the text does.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type ParseError, parseTree } from "jsonc-parser";
import { LongList } from "./long-list.ts";
import { JsonLookup } from "./lookup.ts";
import { parseJson } from "./parse.ts";
import { placeOf } from "./places.ts";

const OPTIONS = { deepest: 64, mostValues: 1_000_000, longLists: new Set(["items"]) };

const parse = (text: string, options = OPTIONS) => parseJson(Buffer.from(text), options);

/** As JSON.parse would have made it. */
function plain(value: unknown): unknown {
  if (value instanceof LongList) return [...value].map(plain);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const result = {};
  for (const [name, member] of Object.entries(value))
    Object.defineProperty(result, name, { value: plain(member), enumerable: true, configurable: true, writable: true });
  return result;
}

/** The text as JSON.parse judges it; undefined = refused. */
function oracle(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** White space, where JSON takes it. */
const space = fc.stringMatching(/^[ \t\r\n]{0,2}$/);

/** A JSON text of any spelling. */
const jsonText = fc
  .tuple(fc.jsonValue({ maxDepth: 5 }), fc.option(space, { nil: undefined }))
  .map(([value, indent]) => JSON.stringify(value, null, indent));

/** A text and a harm that is done to it. */
const harmed = fc
  .tuple(
    jsonText,
    fc.nat(),
    fc.constantFrom("", ",", '"', "\\", "{", "}", "[", "]", ":", "0", "-", "e", ".", "\n", "é", "u", " "),
    fc.nat(2),
  )
  .map(([text, at, put, cut]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + put + text.slice(place + cut);
  });

/** JSON.parse takes duplicate names silently, and never a comment; comments are tested by themselves. */
function agrees(text: string): void {
  const known = oracle(text);
  const { value, problems, duplicates } = parse(text);
  assert.equal(problems.length === 0, known !== undefined, text);
  if (known !== undefined && duplicates.length === 0) assert.deepStrictEqual(plain(value), known.value, text);
  for (const problem of problems) {
    assert.ok(problem.offset >= 0 && problem.length >= 1, text);
    assert.ok(problem.offset + problem.length <= Math.max(1, Buffer.byteLength(text)), text);
  }
}

test("reads what JSON.parse reads, and refuses what it refuses", () => {
  fc.assert(fc.property(jsonText, agrees), { seed: 7, numRuns: 1000 });
  fc.assert(
    fc.property(
      harmed.filter((text) => !/\/[/*]/.test(text)),
      agrees,
    ),
    { seed: 8, numRuns: 2000 },
  );
});

test("reads numbers of every spelling like JSON.parse", () => {
  const spelling = fc.stringMatching(/^-?[0-9]{0,18}(\.[0-9]{0,20})?([eE][-+]?[0-9]{0,3})?$/);
  fc.assert(fc.property(spelling, agrees), { seed: 9, numRuns: 2000 });
  for (const text of [
    "-0",
    "0",
    "-",
    "01",
    "1.",
    ".5",
    "+1",
    "1e5",
    "1E+400",
    "-1e-400",
    "0x10",
    "1_000",
    "NaN",
    "Infinity",
    "9007199254740993",
    "123456789012345678901234567890",
  ])
    agrees(text);
});

test("odd texts: escapes, surrogates, controls, names of the prototype", () => {
  for (const text of [
    '"\\u00e9\\ud83d\\ude00\\ud800"',
    '"\\x"',
    '"\\u12"',
    '"\\',
    '"a\u0001"',
    '"a\nb"',
    '"\u007f\u2028é😀"',
    '{"__proto__":{"a":1},"constructor":2,"":3,"10":4,"2":5}',
    '["a" "b"]',
    '{"a":1 "b":2}',
    "{'a':1}",
    "{a:1}",
    "[1,]",
    '{"a":1,}',
    "[,1]",
    "[1,,2]",
    '{"a"}',
    '{"a":}',
    "tru",
    "truex",
    "[true false]",
    "",
    " ",
    "[",
    "]",
    "{]",
    "[}",
    "nul\u0000",
    "\u0000",
    '"\\u0022"',
    '{"\\u0061":1}',
  ])
    agrees(text);
});

test("tells every name that stands twice, however it is written, also within long lists", () => {
  const names = (text: string) => parse(text).duplicates.map(({ name, object }) => [name, object]);
  assert.deepEqual(names('{"a":1,"b":{"a":1},"\\u0061":2}'), [["a", 0]]);
  assert.deepEqual(names('{"a":1,"a":2,"a":3,"c":[{"é":1,"é":2}]}'), [
    ["a", 0],
    ["a", 0],
    ["é", 24],
  ]);
  const many = Array.from({ length: 100 }, (_, index) => `"n${index}":0`).join(",");
  assert.deepEqual(names(`{${many},"n3":1,"n99":1}`), [
    ["n3", 0],
    ["n99", 0],
  ]);
  const long = Array.from({ length: 300 }, (_, index) => `{"a":${index}}`).join(",");
  const text = `{"items":[${long},{"b":1,"b":2}]}`;
  const { value, duplicates } = parse(text);
  const { items } = value as { items: unknown };
  assert.deepEqual(
    duplicates.map(({ name }) => name),
    ["b"],
  );
  assert.ok(items instanceof LongList);
  assert.deepEqual([...items].length, 301);
  assert.equal(duplicates.length, 1, "reading an item again tells nothing anew");
});

test("names of equal hashes are not taken for one another", () => {
  // "Aa" and "BB" have the same hash
  assert.deepEqual(parse('{"Aa":1,"BB":2}').duplicates, []);
  assert.deepEqual(plain(parse('["Aa","BB","Aa"]').value), ["Aa", "BB", "Aa"]);
});

test("takes comments wherever space may stand", () => {
  const { value, problems } = parse(
    '// a\n{ /* b */ "a" /**/ : // c\n [1, /* "]" */ 2 /***/ ] // d\n}\n/* e */ // end',
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(plain(value), { a: [1, 2] });
  assert.equal(parse('{"a": /* open').problems[0]?.kind, "open-comment");
  assert.equal(parse('{"a": /*/ 1}').problems[0]?.kind, "open-comment");
});

test("superfluous commas are told each, the first break ends the reading", () => {
  assert.deepEqual(
    parse('{"a":[1,],"b":{"c":2,},}').problems.map(({ kind, offset }) => [kind, offset]),
    [
      ["trailing-comma", 7],
      ["trailing-comma", 20],
      ["trailing-comma", 22],
    ],
  );
  assert.deepEqual(
    parse('{"a":[1,],"b" 5, x').problems.map(({ kind }) => kind),
    ["trailing-comma", "colon-expected"],
  );
});

function first(text: string): unknown[] {
  const [problem] = parse(text).problems;
  return [problem?.kind, problem?.offset, problem?.length, problem?.opener];
}

test("every break is named for what it is, with the bracket that is open there", () => {
  assert.deepEqual(first('{"a": 1 "bc": 2}'), ["comma-missing", 8, 4, 0]);
  assert.deepEqual(first("[1 2]"), ["comma-or-end-expected", 3, 1, 0]);
  assert.deepEqual(first('{"a": [1, 2}'), ["wrong-end", 11, 1, 6]);
  assert.deepEqual(first('{"a": [1, 2'), ["unclosed", 10, 1, 6]);
  assert.deepEqual(first("{'a': 1}"), ["single-quotes", 1, 3, 0]);
  assert.deepEqual(first("{a: 1}"), ["name-expected", 1, 1, 0]);
  assert.deepEqual(first('{"a": sk-123}'), ["unknown-word", 6, 6, 0]);
  assert.deepEqual(first('{"a": True}'), ["unknown-word", 6, 4, 0]);
  assert.deepEqual(first('{"a": 0123}'), ["bad-number", 6, 4, 0]);
  assert.deepEqual(first('{"a" 1}'), ["colon-expected", 5, 1, 0]);
  assert.deepEqual(first('{"a": }'), ["value-expected", 6, 1, 0]);
  assert.deepEqual(first('{"a": "b\n}'), ["open-string", 6, 2, 0]);
  assert.deepEqual(first('{"a": "\t"}'), ["control-character", 7, 1, 0]);
  assert.deepEqual(first('{"a": "C:\\Users"}'), ["unknown-escape", 9, 2, 0]);
  assert.deepEqual(first("{} {}"), ["more-follows", 3, 1, -1]);
});

test("half a million levels are refused at once", () => {
  for (const text of ["[".repeat(500_000), '{"a":'.repeat(500_000)]) {
    const { problems } = parse(text);
    assert.deepEqual(
      problems.map(({ kind }) => kind),
      ["too-deep"],
    );
  }
  assert.deepEqual(parse(`${"[".repeat(64)}${"]".repeat(64)}`).problems, []);
  assert.equal(parse("[1,2,3]", { ...OPTIONS, mostValues: 3 }).problems[0]?.kind, "too-many");
});

/** Offsets of all values by the other parser, in its order; null where it finds the text broken. */
function placesOf(text: string): number[] | null {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors);
  const found: number[] = [];
  const visit = (node: typeof tree): void => {
    if (node === undefined) return;
    if (node.type === "property") return visit(node.children?.[1]);
    found.push(node.offset);
    for (const child of node.children ?? []) visit(child);
  };
  visit(tree);
  return errors.length > 0 ? null : found;
}

test("every value is found again where another parser finds it", () => {
  fc.assert(
    fc.property(jsonText, (written) => {
      // the other parser counts UTF-16 units
      const text = written.replaceAll(/[^\n -~]/g, "x");
      const { value, problems, duplicates } = parse(text);
      if (problems.length + duplicates.length > 0) return;
      const lookup = new JsonLookup(Buffer.from(text));
      const found: number[] = [];
      const visit = (one: unknown, at: number): void => {
        found.push(at);
        if (typeof one !== "object" || one === null) return;
        assert.equal(placeOf(one), at, text);
        const names = Array.isArray(one) ? [...one.keys()] : Object.keys(one);
        for (const name of names) {
          const place = typeof name === "number" ? lookup.item(at, name) : lookup.member(at, name);
          assert.ok(place !== undefined, text);
          visit((one as Record<string | number, unknown>)[name], place.valueStart);
        }
      };
      visit(value, text.search(/\S/));
      assert.deepEqual(
        found.sort((a, b) => a - b),
        placesOf(text)?.sort((a, b) => a - b),
        text,
      );
    }),
    { seed: 11, numRuns: 1000 },
  );
});

test("places in containers that are long to search are found too, of equal names the first", () => {
  const members = Array.from({ length: 2000 }, (_, index) => `"name${index}": ${index}`).join(",\n");
  const text = `{"a": 1, ${members}, "a": 2}`;
  const lookup = new JsonLookup(Buffer.from(text));
  for (const index of [0, 1999, 1, 1000]) {
    const place = lookup.member(0, `name${index}`);
    assert.equal(text.slice(place?.valueStart, place?.valueEnd), String(index));
  }
  assert.equal(lookup.member(0, "a")?.valueStart, 6);
  assert.equal(lookup.member(0, "b"), undefined);
  const list = new JsonLookup(Buffer.from(`[${Array.from({ length: 3000 }, (_, index) => index).join(", ")}]`));
  assert.equal(list.item(0, 2)?.valueStart, 7);
  assert.equal(list.item(0, 2999)?.valueEnd, list.item(0, 2999)!.valueStart + 4);
});

test("a long list gives its items whenever they are asked for, in any order, and changed ones", () => {
  const items = Array.from({ length: 1000 }, (_, index) => ({ index, nested: { deep: [index] } }));
  const text = JSON.stringify({ before: 1, items, after: 2 });
  const root = parse(text).value as { items: LongList<{ index: number; nested: object }>; after: number };
  assert.ok(root.items instanceof LongList);
  assert.equal(root.after, 2);
  assert.equal(root.items.length, 1000);
  assert.deepEqual(plain(root.items.item(998)), items[998]);
  assert.deepEqual(plain(root.items.item(3)), items[3]);
  assert.deepEqual(plain(root), { before: 1, items, after: 2 });
  assert.equal(root.items.map(({ index }) => index * 2).item(7), 14);
  assert.equal(placeOf(root.items), text.indexOf("["));
  assert.equal(JSON.stringify(root), text);
  assert.equal(text.slice(placeOf(root.items.item(5).nested)).startsWith('{"deep":[5]}'), true);
});

test("a long list with commas too many is told once", () => {
  const text = `{"items":[${Array.from({ length: 300 }, () => '{"a":[1,]}').join(",")}]}`;
  assert.equal(parse(text).problems.length, 300);
});
