// A wall clock that a test moves under a gateway process: windows end when the test says so, and nothing waits for days.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export interface MovedClock {
  /** What the gateway is started with. */
  readonly environment: Readonly<Record<string, string>>;
  /** Seconds by which its clock is ahead of the real one from now on; may go back. */
  set(seconds: number): void;
  close(): void;
}

/** Only the wall clock is moved: timers and deadlines go on as they are. */
export function movedClock(): MovedClock {
  return writtenClock("+0");
}

/** A wall clock that stands at `time` (Unix ms, whole seconds) while timers go on. The process needs `TZ=UTC`. */
export function standingClock(time: number): MovedClock {
  return writtenClock(new Date(time).toISOString().slice(0, 19).replace("T", " "));
}

function writtenClock(first: string): MovedClock {
  const folder = mkdtempSync(path.join(tmpdir(), "drawbridge-clock-"));
  const file = path.join(folder, "offset");
  const set = (seconds: number): void => writeFileSync(file, `${seconds < 0 ? "-" : "+"}${Math.abs(seconds)}`);
  writeFileSync(file, first);
  return {
    environment: {
      LD_PRELOAD: libraryPath(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      DONT_FAKE_MONOTONIC: "1",
      FAKETIME_DONT_RESET: "1",
    },
    set,
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function libraryPath(): string {
  for (const folder of readdirSync("/usr/lib")) {
    const library = path.join("/usr/lib", folder, "faketime/libfaketime.so.1");
    if (existsQuietly(library)) return library;
  }
  throw new Error("libfaketime is not installed: sudo apt-get install -y faketime");
}

function existsQuietly(file: string): boolean {
  try {
    return readdirSync(path.dirname(file)).includes(path.basename(file));
  } catch {
    return false;
  }
}
