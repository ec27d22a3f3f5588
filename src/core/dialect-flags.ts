// The dialect of a kept answer as three bits among the flags of a record: the first one stood alone once.
import { DIALECTS, type Dialect } from "./chat.ts";

/** Places of the three bits in the flags of a packed record. */
const RECORD_BITS = [128, 4096, 8192] as const;

/** The bits of a dialect. */
export function dialectFlags(dialect: Dialect): number {
  const place = DIALECTS.indexOf(dialect);
  let flags = 0;
  for (const [bit, flag] of RECORD_BITS.entries()) if ((place & (1 << bit)) !== 0) flags |= flag;
  return flags;
}

/** The dialect that the flags tell. */
export function dialectOf(flags: number): Dialect {
  let place = 0;
  for (const [bit, flag] of RECORD_BITS.entries()) if ((flags & flag) !== 0) place |= 1 << bit;
  return DIALECTS[place] ?? "openai";
}
