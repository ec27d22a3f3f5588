// Helper of a test: writes rows and tells the parent how many are written, until it is killed.
import { assembleFixture, LogFeed } from "../contract/log-store.ts";
import { createLogWriter } from "./log-writer.ts";

const writer = createLogWriter({ path: process.argv[2] as string, assembleText: assembleFixture });
const feed = new LogFeed(writer);
let count = 0;

function next(): void {
  feed.write(Array.from({ length: 10 }, () => ({ id: `id-${count++}` })));
  process.send?.(count, next);
}

next();
