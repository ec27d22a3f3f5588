// Starts the threads beside the loop, each from the file that is its composition root.
import type { Channel } from "./core/channel.ts";
import type { ControlToLoop, LoopToControl, LoopToQuery, PlaneOptions, QueryToLoop } from "./core/plane-messages.ts";
import { startWorker, type WorkerSettings } from "./lib/channel/worker-channel.ts";

export type ControlChannel = Channel<ControlToLoop, LoopToControl>;
export type QueryChannel = Channel<QueryToLoop, LoopToQuery>;

/** These threads work in short bursts: what is made there is soon done with, and little room costs little time. */
const YOUNG_MEGABYTES = 24;

/** What the loop alone needs may stand beside the planes' own options. */
export type StartOptions = PlaneOptions & { readonly environment?: unknown; readonly drainLimit?: unknown };

/** Told at once, so that it may start while the loop's thread still reads its own code. */
export function startControlPlane(options: StartOptions): ControlChannel {
  return startWorker(fileOf("control-plane"), settings("control", options));
}

export function startQueryPlane(options: StartOptions): QueryChannel {
  return startWorker(fileOf("query-plane"), settings("query", options));
}

function fileOf(name: string): URL {
  return new URL(import.meta.url.endsWith(".ts") ? `./${name}.ts` : `./${name}.js`, import.meta.url);
}

function settings(name: string, options: StartOptions): WorkerSettings {
  const { environment: _environment, drainLimit: _drainLimit, ...data } = options;
  const tell = (error: unknown): void => {
    const text = error instanceof Error ? (error.stack ?? error) : error;
    process.stderr.write(`error: the ${name} plane failed: ${String(text)}\n`);
  };
  return { name, data, youngMegabytes: YOUNG_MEGABYTES, onError: tell };
}
