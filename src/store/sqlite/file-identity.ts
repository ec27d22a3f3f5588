// Whether a store's file is still the one that was opened.
import { statSync } from "node:fs";

/** The file itself is not what was opened. */
export class FileGoneError extends Error {}

/** Empty when there is no file of that name. */
export function identityOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? "" : `${found.dev}:${found.ino}`;
}

/** What is written to a file without its name would be lost. Throws FileGoneError. */
export function demandSameFile(path: string, identity: string): void {
  const found = identityOf(path);
  if (found === identity) return;
  throw new FileGoneError(
    found === ""
      ? "its file was moved or deleted; put it back"
      : "its file was replaced by another one; start this process again to use that one",
  );
}
