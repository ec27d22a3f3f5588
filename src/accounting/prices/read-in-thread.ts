// Reads a price sheet in a thread that lives as long as that takes.
import { startWorker } from "../../lib/channel/worker-channel.ts";
import type { SheetReading, SheetTask } from "./sheet-reading.ts";

/** A sheet that takes longer is none, ms. */
const LIMIT = 30_000;

/** Rejects where the thread ends without an answer. */
export function readSheetInThread(task: SheetTask): Promise<SheetReading> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => reject(new Error(`the price sheet could not be read: ${reason}`));
    const thread = startWorker<SheetReading, undefined>(threadFile(), {
      name: "price sheet",
      data: task,
      onError: (error) => fail(error instanceof Error ? error.message : String(error)),
    });
    const limit = setTimeout(() => {
      fail("it takes too long");
      thread.close();
    }, LIMIT);
    thread.onMessage(resolve);
    thread.onClose(() => {
      clearTimeout(limit);
      fail("its thread ended");
    });
  });
}

/** Beside this file in a clone, and beside the other threads' files in the package. */
function threadFile(): URL {
  const name = import.meta.url.endsWith(".ts") ? "./sheet-worker.ts" : "./sheet-worker.js";
  return new URL(name, import.meta.url);
}
