// Decides which network addresses an origin may be reached at, so that no base URL opens a way into the own network.
import { type Ip, type IpRange, isInRange, parseIp, parseIpRange } from "./ip.ts";

/** `never` is refused whatever the origin's settings say; `private` needs `allow_private_network`. */
export type AddressClass = "loopback" | "public" | "private" | "never";

const LOOPBACK = ranges("127.0.0.0/8", "::1");

const NEVER = ranges(
  // unspecified and "this network": many systems connect them to themselves
  "0.0.0.0/8",
  "::",
  // link-local, where most clouds keep their metadata
  "169.254.0.0/16",
  "fe80::/10",
  // metadata and platform addresses elsewhere: Alibaba, Oracle, Azure, AWS, Google, Scaleway
  "100.100.100.200",
  "192.0.0.192",
  "168.63.129.16",
  "fd00:ec2::254",
  "fd20:ce::254",
  "fd00:42::42",
  // multicast, reserved, broadcast, discard
  "224.0.0.0/4",
  "240.0.0.0/4",
  "ff00::/8",
  "100::/64",
);

const PRIVATE = ranges(
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "fc00::/7",
  // site-local: deprecated, still routed in old networks
  "fec0::/10",
);

/** IPv6 ranges that carry an IPv4 address, and where in the 16 bytes it stands. */
const CARRIERS: readonly { readonly range: IpRange; readonly at: number; readonly flipped?: true }[] = [
  { range: range("::ffff:0:0:0/96"), at: 12 },
  { range: range("::/96"), at: 12 },
  { range: range("64:ff9b::/96"), at: 12 },
  { range: range("64:ff9b:1::/48"), at: 12 },
  { range: range("2002::/16"), at: 2 },
  // Teredo: the server, and the client with its bits flipped
  { range: range("2001::/32"), at: 4 },
  { range: range("2001::/32"), at: 12, flipped: true },
];
const MAPPED = range("::ffff:0:0/96");

/** What kind of place the address is. A text that is no address is `never`. */
export function classifyAddress(address: string): AddressClass {
  const ip = parseIp(address);
  return ip === null ? "never" : classify(ip);
}

/** True when an origin may be connected to at this address. */
export function isAllowedAddress(address: string, allowPrivateNetwork: boolean): boolean {
  const kind = classifyAddress(address);
  return kind === "public" || kind === "loopback" || (kind === "private" && allowPrivateNetwork);
}

function classify(ip: Ip): AddressClass {
  // The kernel takes a mapped address for the IPv4 address itself, loopback included.
  if (isInRange(ip, MAPPED)) return classify(ip.subarray(12));
  if (isInAny(ip, LOOPBACK)) return "loopback";
  if (isInAny(ip, NEVER)) return "never";
  if (isInAny(ip, PRIVATE)) return "private";
  return ip.length === 16 ? classifyCarried(ip) : "public";
}

/** Through a translator the carried address is reached: its rule holds, and a loopback is then somebody else's. */
function classifyCarried(ip: Ip): AddressClass {
  let worst: AddressClass = "public";
  for (const carrier of CARRIERS) {
    if (!isInRange(ip, carrier.range)) continue;
    const carried = ip.slice(carrier.at, carrier.at + 4);
    const kind = classify(carrier.flipped ? carried.map((byte) => byte ^ 0xff) : carried);
    if (kind === "never" || kind === "loopback") return "never";
    if (kind === "private") worst = "private";
  }
  return worst;
}

function isInAny(ip: Ip, list: readonly IpRange[]): boolean {
  return list.some((entry) => isInRange(ip, entry));
}

function range(text: string): IpRange {
  const parsed = parseIpRange(text);
  if (parsed === null) throw new TypeError(`not an address range: ${text}`);
  return parsed;
}

function ranges(...texts: string[]): IpRange[] {
  return texts.map(range);
}
