// A thread for one price sheet: what takes a tenth of a second may hold no other thread.
import { parentPort, workerData } from "node:worker_threads";
import { readSheetApart, type SheetTask } from "./sheet-reading.ts";

const reading = readSheetApart(workerData as SheetTask);
parentPort?.postMessage(reading, reading.type === "sheet" ? [reading.catalogue.buffer] : []);
