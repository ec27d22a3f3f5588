// Which whole members of the file are entries of their own, and what they may hold.
import { governanceOptionsSchema } from "../schema/governance.ts";
import { proxySchema } from "../schema/providers.ts";
import type { Shape } from "../validate.ts";
import { blockShape } from "./shapes.ts";

/** What the process needs before it has a store, and what is stored in parts. */
const NO_BLOCKS = new Set([
  "$schema",
  "version",
  "source_of_truth",
  "encryption_key",
  "env_label",
  "setup_token",
  "server",
  "config_store",
  "logs_store",
  "providers",
  "plugins",
]);
/** What the API keeps beside the members of the file. */
const OWN_BLOCKS = new Set(["proxy_config", "metadata"]);

export function isBlock(name: string): boolean {
  return OWN_BLOCKS.has(name) || (blockShape(name) !== undefined && !NO_BLOCKS.has(name));
}

/** True for a block that the file does not have. */
export function isOwnBlock(name: string): boolean {
  return OWN_BLOCKS.has(name);
}

/** The shape of a block; the shape of anything where its content is free. */
export function shapeOfBlock(name: string): Shape {
  if (name === "proxy_config") return proxySchema as Shape;
  // what it holds besides are entries of their own
  if (name === "governance") return governanceOptionsSchema as Shape;
  return blockShape(name) ?? {};
}
