// The handshake on bytes alone: every refusal, every cut, and whatever a proxy may say.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { SocksHandshake, type SocksLogin } from "./socks-handshake.ts";

const LOGIN: SocksLogin = { username: "us", password: "pässword" };

/** Feeds the pieces one after another; what was sent in hexadecimal, then how it ended. */
function talk(pieces: readonly (readonly number[])[], login: SocksLogin | null = null, host = "x.test"): string[] {
  const handshake = new SocksHandshake(host, 443, login);
  const said = [handshake.greeting.toString("hex")];
  for (const piece of pieces) {
    const step = handshake.feed(Buffer.from(piece));
    if (step.type === "send") said.push(step.bytes.toString("hex"));
    else if (step.type === "refused") return [...said, step.reason];
    else if (step.type === "open") return [...said, "open"];
  }
  return [...said, "wait"];
}

const NAME = Buffer.from("x.test").toString("hex");
const CONNECT = `0501000306${NAME}01bb`;
const GOOD = [5, 0, 0, 1, 1, 2, 3, 4, 5, 6];

test("without a login: greeting, the host by its name, open", () => {
  assert.deepEqual(talk([[5, 0], GOOD]), ["050100", CONNECT, "open"]);
  assert.deepEqual(
    talk([
      [5, 0],
      [5, 0, 0, 4, ...Array.from({ length: 18 }, () => 9)],
    ]).at(-1),
    "open",
  );
  assert.deepEqual(
    talk([
      [5, 0],
      [5, 0, 0, 3, 2, 97, 98, 0, 80],
    ]).at(-1),
    "open",
  );
});

test("with a login: both ways are offered, and the one that the proxy chooses is taken", () => {
  const login = `0102${Buffer.from("us").toString("hex")}09${Buffer.from("pässword").toString("hex")}`;
  assert.deepEqual(talk([[5, 2], [1, 0], GOOD], LOGIN), ["05020002", login, CONNECT, "open"]);
  assert.deepEqual(talk([[5, 0], GOOD], LOGIN), ["05020002", CONNECT, "open"]);
});

test("an address goes as an address", () => {
  assert.match(talk([[5, 0]], null, "10.0.0.1")[1] as string, /^050100010a00000101bb$/);
  assert.match(talk([[5, 0]], null, "fd00::1")[1] as string, /^05010004fd00(00){13}0101bb$/);
});

const REFUSED: readonly (readonly [what: RegExp, pieces: readonly (readonly number[])[], login?: SocksLogin])[] = [
  [/another protocol/, [[4]]],
  [/another protocol/, [[72, 84, 84, 80]]],
  [/demands a login$/, [[5, 255]]],
  [/takes no login/, [[5, 255]], LOGIN],
  [/was not offered/, [[5, 2]]],
  [/was not offered/, [[5, 1]], LOGIN],
  [/more than it was asked/, [[5, 0, 5]]],
  [
    /refused the login/,
    [
      [5, 2],
      [1, 1],
    ],
    LOGIN,
  ],
  [
    /login is malformed/,
    [
      [5, 2],
      [5, 0],
    ],
    LOGIN,
  ],
  [
    /more than it was asked/,
    [
      [5, 2],
      [1, 0, 5],
    ],
    LOGIN,
  ],
  [/reply is malformed/, [[5, 0], [4]]],
  [
    /reply is malformed/,
    [
      [5, 0],
      [5, 0, 0, 2],
    ],
  ],
  [
    /it failed/,
    [
      [5, 0],
      [5, 1],
    ],
  ],
  [
    /rules/,
    [
      [5, 0],
      [5, 2],
    ],
  ],
  [
    /network/,
    [
      [5, 0],
      [5, 3],
    ],
  ],
  [
    /cannot reach the host/,
    [
      [5, 0],
      [5, 4],
    ],
  ],
  [
    /host refused/,
    [
      [5, 0],
      [5, 5],
    ],
  ],
  [
    /took too long/,
    [
      [5, 0],
      [5, 6],
    ],
  ],
  [
    /command/,
    [
      [5, 0],
      [5, 7],
    ],
  ],
  [
    /kind of address/,
    [
      [5, 0],
      [5, 8],
    ],
  ],
  [
    /it failed/,
    [
      [5, 0],
      [5, 200],
    ],
  ],
  [
    /more than it was asked/,
    [
      [5, 0],
      [...GOOD, 22],
    ],
  ],
];

for (const [what, pieces, login] of REFUSED)
  test(`refused: ${what.source} after ${JSON.stringify(pieces)}`, () => {
    assert.match(talk(pieces, login).at(-1) as string, what);
  });

test("however the proxy's bytes are cut, the same is said", () => {
  const whole = talk([[5, 2], [1, 0], GOOD], LOGIN);
  const bytewise = [[5], [2], [1], [0], ...GOOD.map((byte) => [byte])];
  assert.deepEqual(talk(bytewise, LOGIN), whole);
  for (let cut = 0; cut <= GOOD.length; cut++)
    assert.deepEqual(talk([[5, 2], [1, 0], GOOD.slice(0, cut), GOOD.slice(cut)], LOGIN), whole, String(cut));
});

test("whatever a proxy says, it waits for little, sends little and ends", () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
  fc.assert(
    fc.property(pieces, fc.boolean(), (list, hasLogin) => {
      const handshake = new SocksHandshake("x.test", 1, hasLogin ? LOGIN : null);
      let received = 0;
      for (const bytes of list) {
        const step = handshake.feed(Buffer.from(bytes));
        received += bytes.length;
        if (step.type === "refused" || step.type === "open") return;
        assert.ok(received <= 600);
      }
    }),
    { seed: 5, numRuns: 500 },
  );
});

test("names, logins and passwords that do not fit are refused at once", () => {
  assert.throws(() => new SocksHandshake("x".repeat(256), 1, null), RangeError);
  const handshake = new SocksHandshake("x", 1, { username: "u", password: "x".repeat(256) });
  assert.throws(() => handshake.feed(Buffer.from([5, 2])), RangeError);
});
