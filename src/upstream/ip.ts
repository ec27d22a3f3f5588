// Reads IP addresses and address ranges in every spelling that a resolver or a library may accept.

/** 4 bytes or 16 bytes in network order. */
export type Ip = Uint8Array;

/** An address range: the first `bits` bits of `base` are fixed. */
export interface IpRange {
  readonly base: Ip;
  readonly bits: number;
}

/** Any spelling of an IPv4 or IPv6 address (decimal, hex and octal ones, brackets and zones too), or null. */
export function parseIp(text: string): Ip | null {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  if (!bare.includes(":")) return parseIpv4(bare);
  const zone = bare.indexOf("%");
  return parseIpv6(zone < 0 ? bare : bare.slice(0, zone));
}

/** `10.0.0.0/8`, `fc00::/7`, or a single address; null when it is none. */
export function parseIpRange(text: string): IpRange | null {
  const slash = text.indexOf("/");
  const base = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (base === null) return null;
  if (slash < 0) return { base, bits: base.length * 8 };
  const bits = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > base.length * 8) return null;
  return { base, bits: Number(bits) };
}

/** True when the address lies in the range; families are not mixed. */
export function isInRange(ip: Ip, range: IpRange): boolean {
  if (ip.length !== range.base.length) return false;
  const whole = range.bits >> 3;
  for (let i = 0; i < whole; i++) if (ip[i] !== range.base[i]) return false;
  const rest = range.bits & 7;
  if (rest === 0) return true;
  const mask = (0xff << (8 - rest)) & 0xff;
  return ((ip[whole] as number) & mask) === ((range.base[whole] as number) & mask);
}

/** As inet_aton reads it: one to four parts, each decimal, octal (0…) or hex (0x…); the last fills the rest. */
function parseIpv4(text: string): Ip | null {
  const parts = text.split(".");
  if (parts.length > 1 && parts.at(-1) === "") parts.pop();
  if (parts.length > 4) return null;
  const values: number[] = [];
  for (const part of parts) {
    const value = parseNumber(part);
    if (value < 0) return null;
    values.push(value);
  }
  const last = values.pop() as number;
  const room = 4 - values.length;
  if (last >= 256 ** room || values.some((value) => value > 255)) return null;
  const ip = new Uint8Array(4);
  ip.set(values);
  for (let i = 3, left = last; i >= values.length; i--, left = Math.floor(left / 256)) ip[i] = left % 256;
  return ip;
}

function parseNumber(text: string): number {
  if (/^0x[0-9a-f]{1,8}$/i.test(text)) return Number.parseInt(text.slice(2), 16);
  if (/^0[0-7]{1,11}$/.test(text)) return Number.parseInt(text, 8);
  if (/^(0|[1-9]\d{0,9})$/.test(text)) return Number(text);
  return -1;
}

function parseIpv6(text: string): Ip | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const first = parseGroups(halves[0] as string);
  const second = halves.length === 2 ? parseGroups(halves[1] as string) : [];
  if (first === null || second === null) return null;
  const given = first.length + second.length;
  if (halves.length === 2 ? given > 14 : given !== 16) return null;
  const ip = new Uint8Array(16);
  ip.set(first);
  ip.set(second, 16 - second.length);
  return ip;
}

/** The bytes of groups parted by colons; the last may be dotted IPv4. */
function parseGroups(text: string): number[] | null {
  const bytes: number[] = [];
  if (text === "") return bytes;
  const groups = text.split(":");
  for (const [index, group] of groups.entries()) {
    if (index === groups.length - 1 && /^\d{1,3}(\.\d{1,3}){3}$/.test(group)) {
      const tail = parseIpv4(group);
      if (tail === null) return null;
      bytes.push(...tail);
    } else if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else return null;
  }
  return bytes;
}
