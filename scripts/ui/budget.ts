// How large the UI may be: what is checked at each build, so that no page grows unnoticed.
import type { UiManifest } from "./manifest.ts";

const KB = 1024;
const START_PAGE = 60 * KB;
const ANY_PAGE = 90 * KB;
/** The page with an editor. */
const EDITOR_PAGE = 250 * KB;
const EDITOR_PAGES = new Set(["raw-config"]);
const ON_DISK = 1.2 * KB * KB;

/** Scripts and styles of a page compressed with gzip, bytes. */
export function pageWeight(manifest: UiManifest, page: string): number {
  const files = new Set([...manifest.initial, ...(manifest.pages[page] ?? [])]);
  return [...files]
    .filter((file) => /\.(js|css)$/.test(file))
    .reduce((sum, file) => sum + (manifest.files[file]?.gzip ?? 0), 0);
}

/** All files, the compressed ones too, bytes. */
export function diskWeight(manifest: UiManifest): number {
  return Object.values(manifest.files).reduce((sum, { size, brotli }) => sum + size + brotli, 0);
}

function limitOf(page: string): number {
  if (page === "home") return START_PAGE;
  return EDITOR_PAGES.has(page) ? EDITOR_PAGE : ANY_PAGE;
}

const kb = (bytes: number): string => `${(bytes / KB).toFixed(1)} KB`;

/** A line for each page and one for the folder. */
export function budgetLines(manifest: UiManifest): string[] {
  const pages = Object.keys(manifest.pages).map(
    (page) =>
      `${page.padEnd(14)} ${kb(pageWeight(manifest, page)).padStart(9)} of ${kb(limitOf(page))} (scripts and styles, gzip)`,
  );
  return [...pages, `${"on disk".padEnd(14)} ${kb(diskWeight(manifest)).padStart(9)} of ${kb(ON_DISK)}`];
}

/** What is larger than it may be, in words; empty = nothing. */
export function budgetFindings(manifest: UiManifest): string[] {
  const heavy = Object.keys(manifest.pages).filter((page) => pageWeight(manifest, page) > limitOf(page));
  const findings = heavy.map(
    (page) =>
      `the page ${page} loads ${kb(pageWeight(manifest, page))} of scripts and styles; ${kb(limitOf(page))} is the limit`,
  );
  const disk = diskWeight(manifest);
  if (disk > ON_DISK) findings.push(`the UI takes ${kb(disk)} on disk; ${kb(ON_DISK)} is the limit`);
  return findings;
}
