// Serves the documentation as it was built: pages, their Markdown, the API's description, the schema of the configuration.
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { GatewayError } from "../core/errors.ts";
import { errorAnswer, type PlaneAnswer, type PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { nearestName } from "../lib/nearest.ts";
import type { Route } from "./router.ts";

/** What the build says of an address. */
interface Built {
  readonly file: string;
  readonly etag: string;
  /** The file holds brotli. */
  readonly compressed: boolean;
}

type Manifest = Readonly<Record<string, Built>>;

/** Beside the bundle in the package, in `dist/` of a checkout. */
const PLACES = ["docs", "../../dist/docs"].map((place) => path.join(import.meta.dirname, place));

const TYPES: Readonly<Record<string, string>> = {
  "": "text/html; charset=utf-8",
  ".md": "text/markdown; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".woff2": "font/woff2",
};

/** The pages call this gateway and nobody else; the style sets no style in markup. */
const POLICY =
  "default-src 'self'; connect-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Files of their own besides those under /docs; server/routes.ts hands the same over. */
const ALONE = ["/llms.txt", "/llms-full.txt", "/openapi.json", "/config.schema.json"];

export function docsRoutes(places: readonly string[] = PLACES): Route[] {
  const shelf = new DocsShelf(places);
  const paths = ["/docs", "/docs/{a}", "/docs/{a}/{b}", ...ALONE];
  return paths.map((route) => ({
    method: "GET",
    path: route,
    demands: "open",
    handle: (request) => shelf.answer(request),
  }));
}

class DocsShelf {
  readonly #places: readonly string[];
  #folder = "";
  #builtAt = 0;
  #manifest: Manifest | null = null;

  constructor(places: readonly string[]) {
    this.#places = places;
  }

  answer(request: PlaneRequest): PlaneAnswer {
    this.#refresh();
    if (this.#manifest === null) return errorAnswer(notBuilt());
    const built = Object.hasOwn(this.#manifest, request.path) ? this.#manifest[request.path] : undefined;
    if (built === undefined) return errorAnswer(unknownPage(request.path, this.#manifest));
    const headers = headersOf(request.path, built);
    if (request.headers.get("if-none-match") === `"${built.etag}"`) return { status: 304, headers, body: "" };
    const bytes = readFileSync(path.join(this.#folder, built.file));
    if (!built.compressed) return { status: 200, headers, body: bytes };
    if (/\bbr\b/.test(request.headers.get("accept-encoding") ?? ""))
      return { status: 200, headers: [...headers, ["content-encoding", "br"]], body: bytes };
    return { status: 200, headers, body: brotliDecompressSync(bytes) };
  }

  /** Another build may lie there since the last request. */
  #refresh(): void {
    const folder = this.#places.find((place) => manifestTime(place) > 0);
    const builtAt = folder === undefined ? 0 : manifestTime(folder);
    if (builtAt === this.#builtAt) return;
    this.#folder = folder ?? "";
    this.#manifest =
      folder === undefined ? null : (JSON.parse(readFileSync(path.join(folder, "manifest.json"), "utf8")) as Manifest);
    this.#builtAt = builtAt;
  }
}

function manifestTime(folder: string): number {
  return statSync(path.join(folder, "manifest.json"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function headersOf(address: string, { etag }: Built): (readonly [string, string])[] {
  const isAsset = address.startsWith("/docs/assets/");
  return [
    ["content-type", TYPES[path.extname(address)] ?? "text/plain; charset=utf-8"],
    ["etag", `"${etag}"`],
    ["vary", "accept-encoding"],
    ["cache-control", isAsset ? "public, max-age=31536000, immutable" : "no-cache"],
    ["content-security-policy", POLICY],
  ];
}

function notBuilt(): GatewayError {
  return new GatewayError(
    "not_found",
    "the documentation is not built here: in a checkout run npm run ui:build, or start with npm start, which does so",
  );
}

function unknownPage(address: string, manifest: Manifest): GatewayError {
  const nearest = nearestName(address, Object.keys(manifest));
  const hint = nearest === undefined ? "GET /docs lists all pages" : `did you mean ${nearest}?`;
  return new GatewayError("not_found", `there is no page ${address} in the documentation; ${hint}`);
}
