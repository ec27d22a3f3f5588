// A disk of its own for a test: small enough to be filled, and to be made read-only. Needs root and the right to mount.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export interface SmallDisk {
  readonly folder: string;
  /** Not a byte is left. */
  fill(): void;
  /** What `fill` took is free again. */
  empty(): void;
  setReadOnly(readOnly: boolean): void;
  dispose(): void;
}

function mount(...args: readonly string[]): string {
  const result = spawnSync("mount", args, { encoding: "utf8" });
  return result.status === 0 ? "" : (result.stderr || String(result.error)).trim();
}

/** Why there can be no such disk here; false when there can. For the `skip` of a test. */
export function noSmallDisk(): string | false {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "only root on Linux may mount a small disk";
  const folder = mkdtempSync(path.join(tmpdir(), "drawbridge-disk-"));
  const problem = mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", folder);
  if (problem === "") spawnSync("umount", [folder]);
  rmdirSync(folder);
  return problem === "" ? false : `a small disk cannot be mounted here: ${problem}`;
}

export function mountSmallDisk(kilobytes: number): SmallDisk {
  const folder = mkdtempSync(path.join(tmpdir(), "drawbridge-disk-"));
  const problem = mount("-t", "tmpfs", "-o", `size=${kilobytes}k,mode=700`, "tmpfs", folder);
  if (problem !== "") throw new Error(problem);
  const filler = path.join(folder, "filler");
  return {
    folder,
    fill() {
      // A page at a time at the end: the last one that fits must be taken too.
      for (const bytes of [1 << 16, 4096]) {
        for (let part = 0; ; part++) {
          try {
            writeFileSync(`${filler}-${bytes}-${part}`, Buffer.alloc(bytes));
          } catch {
            break;
          }
        }
      }
    },
    empty() {
      for (const bytes of [1 << 16, 4096])
        for (let part = 0; part < 1 << 12; part++) rmSync(`${filler}-${bytes}-${part}`, { force: true });
    },
    setReadOnly(readOnly) {
      const trouble = mount("-o", `remount,${readOnly ? "ro" : "rw"}`, folder);
      if (trouble !== "") throw new Error(trouble);
    },
    dispose() {
      // Lazily: whatever still holds a file does not keep the disk.
      spawnSync("umount", ["-l", folder]);
      rmdirSync(folder);
    },
  };
}
