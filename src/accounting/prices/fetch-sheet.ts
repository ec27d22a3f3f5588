// Fetches a price sheet: from an address through the outbound door, or from a file.
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CallBrokenError, credentialsOf, fetchWhole } from "../../core/fetch-whole.ts";
import type { OriginSettings, ProxySettings, Upstream } from "../../core/http.ts";
import { headerBlock } from "../../lib/header-block.ts";
import { LONGEST_SHEET, type SheetAnswer, type SheetRequest } from "./price-source.ts";

/** For connecting and for the whole call, ms. */
const CONNECT = 10_000;
const TOTAL = 60_000;

/** How a source is reached. */
export interface SheetWay {
  readonly upstream: Upstream;
  /** Paths of files are relative to it. */
  readonly folder: string;
  readonly proxy: ProxySettings;
  /** The operator's own word: any host, and files. */
  readonly isOperators: boolean;
}

/** Rejects with what is wrong, in words without the address, which may hold a secret. */
export function fetchSheet(request: SheetRequest, way: SheetWay): Promise<SheetAnswer> {
  const protocol = URL.parse(request.url)?.protocol;
  if (protocol === "http:" || protocol === "https:") return fetchAddress(request, way);
  if (!way.isOperators)
    return Promise.reject(
      new Error("a price sheet's file can only be named in config.json or by a variable of the environment"),
    );
  return readSheetFile(request, way.folder);
}

async function fetchAddress({ url, etag, lastModified }: SheetRequest, way: SheetWay): Promise<SheetAnswer> {
  const at = new URL(url);
  const headers: [string, string][] = [["accept", "application/json, */*;q=0.5"]];
  if (etag !== null) headers.push(["if-none-match", etag]);
  if (lastModified !== null) headers.push(["if-modified-since", lastModified]);
  const credentials = credentialsOf(at);
  if (credentials !== undefined) headers.push(["authorization", credentials]);
  const origin: OriginSettings = {
    url: at.origin,
    proxy: way.proxy,
    caPem: undefined,
    insecureSkipVerify: false,
    keepAlive: 1000,
    maxConnections: 1,
    allowPrivateNetwork: way.isOperators,
  };
  const call = {
    origin,
    method: "GET",
    path: at.pathname + at.search,
    headers: headerBlock(headers),
    body: [],
    deadlines: { connect: CONNECT, total: TOTAL, idle: TOTAL },
    maxBytes: LONGEST_SHEET,
  };
  const answer = await fetchWhole(way.upstream, call, ["etag", "last-modified"]).catch((error: unknown) => {
    throw error instanceof CallBrokenError ? new Error(`the price source failed: ${wordsOf(error)}`) : error;
  });
  const { status, bytes } = answer;
  if (status >= 300 && status < 400 && status !== 304)
    throw new Error(
      `the price source answered with status ${status}: redirects are not followed, name the address that it leads to`,
    );
  const [newTag = null, modified = null] = answer.headers;
  return { status, etag: newTag, lastModified: modified, bytes: new Uint8Array(bytes) };
}

function wordsOf({ kind, message }: CallBrokenError): string {
  if (kind === "connect-timeout") return "it could not be reached in time";
  return kind === "too-large" ? `its answer has more than ${LONGEST_SHEET / 1e6} MB` : message;
}

/** A file that was not written since is not read again: its time and size are its validator. */
async function readSheetFile({ url, etag }: SheetRequest, folder: string): Promise<SheetAnswer> {
  try {
    const path = url.startsWith("file:") ? fileURLToPath(url) : resolve(folder, url);
    const facts = await stat(path);
    if (!facts.isFile()) throw new Error("it is no file");
    if (facts.size > LONGEST_SHEET) throw new Error(`it has more than ${LONGEST_SHEET / 1e6} MB`);
    const now = `${facts.mtimeMs}-${facts.size}`;
    if (now === etag) return { status: 304, etag, lastModified: null, bytes: new Uint8Array() };
    return { status: 200, etag: now, lastModified: null, bytes: new Uint8Array(await readFile(path)) };
  } catch (error) {
    throw new Error(`the price sheet's file cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

const CODES: Readonly<Record<string, string>> = {
  ENOENT: "there is none at this path",
  EACCES: "it may not be read",
  EPERM: "it may not be read",
  EISDIR: "it is a folder",
  ENOTDIR: "there is none at this path",
};

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== undefined) return CODES[code] ?? code;
  return error instanceof Error ? error.message : String(error);
}
