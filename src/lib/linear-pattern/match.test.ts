// Linear patterns answer as the language's own expressions do, and never take long.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { LinearPattern, LONGEST_SUBJECT } from "./match.ts";
import { PatternError } from "./parse.ts";

const matches = (pattern: string, text: string): boolean => new LinearPattern(pattern).test(text);

test("the usual patterns mean what they mean elsewhere", () => {
  const texts = ["", "gpt-4o", "gpt-4o-mini", "claude-3-5-sonnet", "a\nb", "Ünïcode", "x_y 12", "aaa", "ab", "-]^"];
  const patterns = [
    "^gpt-4",
    "mini$",
    "^(gpt|claude)-",
    "[a-c]+x?",
    "\\d{1,2}",
    "^a.b$",
    "\\bcode\\b",
    "[^a-z]",
    "a{2,}",
  ];
  patterns.push("(a|b)*c", "(?:x_)?y", "^$", "\\W", "[\\d\\s]", "[]-]", "a|", "\\.", "[a-]", "(?<name>a)b", "\\x61");
  for (const pattern of patterns)
    for (const text of texts) {
      const js = pattern === "[]-]" ? /[\]-]/ : new RegExp(pattern);
      assert.equal(matches(pattern, text), js.test(text), `${pattern} on ${JSON.stringify(text)}`);
    }
});

test("flags, classes by name and properties are known as in RE2", () => {
  assert.equal(matches("(?i)^GPT", "gpt-4o"), true);
  assert.equal(matches("(?i:g)PT", "GPT"), true);
  assert.equal(matches("(?i:g)PT", "Gpt"), false);
  assert.equal(matches("(?s)a.b", "a\nb"), true);
  assert.equal(matches("(?m)^b$", "a\nb\nc"), true);
  assert.equal(matches("^[[:alpha:]]+$", "abc"), true);
  assert.equal(matches("^[[:^digit:]]+$", "ab1"), false);
  assert.equal(matches("^\\p{Lu}", "Ü"), true);
  assert.equal(matches("^(?P<first>a)", "ab"), true);
});

test("what looks around or back, is open or too large is refused with its place", () => {
  for (const pattern of ["(?=a)", "(?<!a)b", "(a", "a)", "[a", "a**", "*a", "\\1", "a{3,2}", "a{1000}", "[z-a]", "\\"])
    assert.throws(() => new LinearPattern(pattern), PatternError, pattern);
  assert.throws(() => new LinearPattern("(a{50}){50}"), /too large/);
  assert.throws(() => new LinearPattern("a".repeat(300)), /longer than/);
});

test("patterns that ruin other engines end in a bounded number of steps", () => {
  let looks = 0;
  const text = {
    length: LONGEST_SUBJECT,
    codePointAt: () => (looks++, 97),
  } as unknown as string;
  assert.equal(new LinearPattern("^(a|a|aa)*(a*)*b$").test(text), false);
  assert.equal(looks, LONGEST_SUBJECT);
});

test("random patterns answer as the language's own", () => {
  const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "(a|b)", "(?:ab)", "\\w", "^", "$", "\\b");
  const quantity = fc.constantFrom("", "", "*", "+", "?", "{1,2}", "*?");
  const part = fc.tuple(atom, quantity).map(([one, many]) => (/^(?:\^|\$|\\b)$/.test(one) ? one : `${one}${many}`));
  const pattern = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(""));
  const text = fc.array(fc.constantFrom("a", "b", "c", "\n"), { maxLength: 8 }).map((chars) => chars.join(""));
  fc.assert(
    fc.property(fc.array(pattern, { minLength: 1, maxLength: 3 }), text, (parts, subject) => {
      const source = parts.join("|");
      assert.equal(matches(source, subject), new RegExp(source).test(subject), `${source} on ${subject}`);
    }),
    { numRuns: 500 },
  );
});
