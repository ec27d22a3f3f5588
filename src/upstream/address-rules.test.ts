// The table of addresses that an origin may and may not be reached at, in every spelling.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type AddressClass, classifyAddress, isAllowedAddress } from "./address-rules.ts";

const TABLE: readonly (readonly [AddressClass, readonly string[]])[] = [
  ["loopback", ["127.0.0.1", "127.255.255.254", "::1", "[::1]", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "2130706433"]],
  ["loopback", ["0x7f.1", "0177.0.0.1", "127.1", "0x7f000001", "017700000001", "127.0.0.1."]],
  ["never", ["0.0.0.0", "0.1.2.3", "::", "0", "::ffff:0.0.0.0", "::ffff:0:0"]],
  ["never", ["169.254.169.254", "169.254.0.1", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518"]],
  ["never", ["fe80::1", "fe80::1%eth0", "febf::1", "::ffff:169.254.169.254", "::ffff:a9fe:a9fe"]],
  ["never", ["fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192", "168.63.129.16"]],
  ["never", ["64:ff9b::169.254.169.254", "64:ff9b:1::a9fe:a9fe", "2002:a9fe:a9fe::1", "::169.254.169.254"]],
  ["never", ["::ffff:0:169.254.169.254", "2002:7f00:1::", "64:ff9b::127.0.0.1", "64:ff9b::", "2002::"]],
  ["never", ["2001:0:a9fe:a9fe::1", "2001:0:808:808:0:0:5601:5601"]],
  ["never", ["224.0.0.1", "239.255.255.255", "255.255.255.255", "240.0.0.1", "ff02::1"]],
  ["never", ["", "example.com", "1.2.3.4.5", "256.1.1.1", "1.2.3.0x1ff", "::1::", "1:2:3", "09.1.1.1", "g::1", "-1"]],
  ["private", ["10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"]],
  ["private", ["100.127.255.255", "fc00::1", "fdff::1", "fec0::1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1"]],
  ["private", ["2002:0a00:0001::1", "167772161", "0xa.1"]],
  ["public", ["8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1", "192.167.1.1"]],
  ["public", ["2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1", "134744072"]],
];

for (const [kind, addresses] of TABLE) {
  for (const address of addresses) {
    test(`${JSON.stringify(address)} is ${kind}`, () => assert.equal(classifyAddress(address), kind));
  }
}

test("private ranges need the setting, loopback and public ones do not, the rest is never allowed", () => {
  assert.deepEqual(
    ["127.0.0.1", "8.8.8.8", "10.0.0.1", "169.254.169.254"].map((address) => [
      isAllowedAddress(address, false),
      isAllowedAddress(address, true),
    ]),
    [
      [true, true],
      [true, true],
      [false, true],
      [false, false],
    ],
  );
});

test("every spelling of an IPv4 address has the class of its dotted form", () => {
  fc.assert(
    fc.property(fc.nat({ max: 0xffffffff }), (value) => {
      const parts = [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
      const dotted = parts.join(".");
      const kind = classifyAddress(dotted);
      const spellings = [
        String(value),
        `0x${value.toString(16)}`,
        parts.map((part) => `0${part.toString(8)}`).join("."),
        parts.map((part) => `0x${part.toString(16)}`).join("."),
        `${parts[0]}.${value & 0xffffff}`,
        `::ffff:${dotted}`,
      ];
      for (const spelling of spellings) assert.equal(classifyAddress(spelling), kind, spelling);
    }),
    { seed: 11, numRuns: 500 },
  );
});
