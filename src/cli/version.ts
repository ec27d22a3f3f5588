// The version of the package that runs.
import { readFileSync } from "node:fs";

/** From package.json beside `src` or `dist`. */
export function packageVersion(): string {
  for (const place of ["../../package.json", "../package.json"]) {
    try {
      const manifest: unknown = JSON.parse(readFileSync(new URL(place, import.meta.url), "utf8"));
      if (isManifest(manifest) && manifest.name === "@drawbridge/gateway") return manifest.version;
    } catch {
      // the other place has it
    }
  }
  return "0.0.0";
}

function isManifest(value: unknown): value is { name: string; version: string } {
  return typeof value === "object" && value !== null && "name" in value && "version" in value;
}
