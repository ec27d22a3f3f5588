// What looks like a secret or like personal data does not survive, ordinary text does, and no text takes long.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as check, property, string } from "fast-check";
import { redactText } from "./redact-text.ts";

const KEY = "sk-proj-AbCdEf0123456789AbCdEf0123456789";

const blotted: readonly (readonly [string, string])[] = [
  ["write to jane.doe+news@mail.example.co.uk now", "write to [email] now"],
  ["jürgen@bücher.example", "[email]"],
  ["call +49 30 901820 or (415) 555-2671, 415-555-2671", "call [phone] or [phone], [phone]"],
  ["Tel. 030 1234567 89", "Tel. [phone]"],
  ["card 4111 1111 1111 1111, 4111-1111-1111-1111", "card [card], [card]"],
  ["IBAN DE89 3704 0044 0532 0130 00 and GB29NWBK60161331926819", "IBAN [iban] and [iban]"],
  ["from 192.168.0.17 and 2001:db8::8a2e:370:7334 and ::1", "from [ip] and [ip] and [ip]"],
  [`my key is ${KEY}.`, "my key is [secret]."],
  [`text\\n${KEY}`, "text\\[secret]"],
  ["sk-ant-api03-abcDEF123456ghiJKL", "[secret]"],
  ["AKIAIOSFODNN7EXAMPLE", "[secret]"],
  ["ghp_16C7e42F292c6912E7710c838347Ae178B4a", "[secret]"],
  ["Authorization: Bearer abc.def-123456", "Authorization: Bearer [secret]"],
  ['{"api_key": "short-one1"}', '{"api_key": "[secret]"}'],
  ["password=hunter22 next", "password=[secret] next"],
  ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "[secret]"],
  ["d41d8cd98f00b204e9800998ecf8427e", "[secret]"],
  ["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "[secret]"],
  ["-----BEGIN RSA PRIVATE KEY-----\nMIIB\nAAAA\n-----END RSA PRIVATE KEY-----\nafter", "[secret]\nafter"],
  ["-----BEGIN PRIVATE KEY-----\nMIIB that was cut", "[secret]"],
];

for (const [text, expected] of blotted)
  test(`blots ${JSON.stringify(text)}`, () => {
    assert.equal(redactText(text), expected);
  });

const kept = [
  "On 2026-11-23 at 12:30:45 we sold 1,234,567 units for 99.95 each.",
  "Version 1.2.3 of std::string, see section 4.1.2.3.4 of the paper",
  "the id 0199f2c1-a0b4-7d8e-9f01-23456789abcd of the request",
  "a very-long-hyphenated-word-made-of-words-alone is no secret",
  "/usr/local/lib/python/site-packages/requests/adapters.py",
  "risk-management-of-something-quite-long",
  "4111 1111 1111 1112 fails the check of cards",
  "DE89 3704 0044 0532 0130 02 fails the check of accounts",
  "Übergrößenträger 漢字かな交じり文 🙂",
];

for (const text of kept)
  test(`keeps ${JSON.stringify(text)}`, () => {
    assert.equal(redactText(text), text);
  });

test("the beginning of a secret at the end of a text that was cut does not stay", () => {
  assert.equal(redactText("the key sk-proj-Ab1", true), "the key [cut]");
  assert.equal(redactText("card 4111 1111 11", true), "card [cut]");
  assert.equal(redactText("write to jane@exam", true), "write to [cut]");
  assert.equal(redactText("an ordinary end", true), "an ordinary end");
});

test("a secret is blotted wherever it stands", () => {
  check(
    property(string({ unit: "binary" }), string({ unit: "binary" }), (before, after) => {
      assert.equal(redactText(`${before} ${KEY} ${after}`).includes("0123456789AbCdEf"), false);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("no text takes long", () => {
  const size = 64 * 1024;
  const pieces = [
    "eyJ-",
    "sk-",
    "a@",
    "a.",
    "1(",
    "1 ",
    "1.",
    "a:",
    ":",
    "::",
    "DE12 ",
    "-----BEGIN KEY-----",
    "token=",
    "bearer ",
    "aA1/",
    "(",
    "+1",
  ];
  const begun = performance.now();
  for (const piece of pieces)
    for (const end of ["", "!", "@", "1"]) redactText(piece.repeat(Math.floor(size / piece.length)) + end, true);
  // a pattern that tries all ways would take hours
  assert.ok(performance.now() - begun < 15_000);
});
