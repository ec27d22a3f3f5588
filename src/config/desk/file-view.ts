// The configuration file as it lies there now: where its members stand and what they say, read anew when it was written.
import { statSync } from "node:fs";
import { findNodeAtLocation, getNodeValue, type Node, parseTree } from "jsonc-parser";
import type { FileView } from "../../core/config-desk.ts";
import type { JsonValue } from "../../core/config-store.ts";
import { readConfigFile } from "../read-file.ts";

/** A larger one is not looked through for lines. */
export const LARGEST_VIEW = 4 * 1024 * 1024;

interface Read {
  readonly stamp: string;
  readonly text: string;
  readonly tree: Node | undefined;
}

/** Keeps what was read last. */
export class FileReader {
  readonly path: string;
  readonly #label: string;
  #read: Read | null = null;

  constructor(path: string, label: string) {
    this.path = path;
    this.#label = label;
  }

  /** The text, or null while it cannot be read. */
  text(): string | null {
    return this.#current()?.text ?? null;
  }

  view(rulesAlone: boolean): FileView {
    return {
      label: this.#label,
      rulesAlone,
      lineOf: (path) => this.#lineOf(path),
      valueOf: (path) => {
        const node = this.#find(path);
        return node === undefined ? undefined : (getNodeValue(node) as JsonValue);
      },
    };
  }

  #lineOf(path: readonly string[]): number {
    const node = this.#find(path);
    const text = this.#read?.text ?? "";
    // of a member the line of its name, where somebody looks for it
    const offset = (node?.parent?.type === "property" ? node.parent : node)?.offset;
    return offset === undefined ? 0 : text.slice(0, offset).split("\n").length;
  }

  #find(path: readonly string[]): Node | undefined {
    const tree = this.#current()?.tree;
    return tree === undefined ? undefined : findNodeAtLocation(tree, [...path]);
  }

  #current(): Read | null {
    const stamp = stampOf(this.path);
    if (stamp !== null && this.#read?.stamp === stamp) return this.#read;
    this.#read = stamp === null ? null : readAt(this.path, this.#label, stamp);
    return this.#read;
  }
}

function readAt(path: string, label: string, stamp: string): Read | null {
  const file = readConfigFile(path, label);
  if (file.type !== "bytes") return null;
  const text = file.bytes.toString("utf8");
  return { stamp, text, tree: file.bytes.length > LARGEST_VIEW ? undefined : parseTree(text) };
}

function stampOf(path: string): string | null {
  try {
    const { mtimeMs, size, ino } = statSync(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return null;
  }
}
