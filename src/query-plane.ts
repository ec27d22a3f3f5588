// The query plane's composition root, in a thread of its own: answers log queries over read-only connections.
import { workerData } from "node:worker_threads";
import { AS_TOLD } from "./admin/authorise.ts";
import type { LogSource } from "./admin/log-source.ts";
import { logRoutes } from "./admin/logs.ts";
import { createRouter } from "./admin/router.ts";
import type { Channel } from "./core/channel.ts";
import { GatewayError } from "./core/errors.ts";
import type { LogStorePlace, LoopToQuery, PlaneOptions, QueryToLoop } from "./core/plane-messages.ts";
import { assembleText } from "./formats/assemble-text.ts";
import { BridgeResponder, type PlaneHandler } from "./lib/channel/bridge-responder.ts";
import { parentChannel } from "./lib/channel/port-channel.ts";
import { createLogReader } from "./store/sqlite/log-reader.ts";
import { createLog, type ProcessLog } from "./telemetry/log.ts";

class QueryPlane {
  readonly #channel: Channel<LoopToQuery, QueryToLoop>;
  readonly #log: ProcessLog;
  readonly #responder: BridgeResponder;
  #source: LogSource | null = null;
  #answer: PlaneHandler | null = null;

  constructor(options: PlaneOptions, channel: Channel<LoopToQuery, QueryToLoop>) {
    this.#channel = channel;
    this.#log = createLog({ level: options.logLevel, style: options.logStyle });
    this.#responder = new BridgeResponder({
      send: (message, transfer) => channel.send(message, transfer),
      handler: (request) => {
        if (this.#answer === null) throw notYet();
        return this.#answer(request);
      },
      onError: (error, request) =>
        this.#log.write("error", "a log query failed", { path: request.path, error: String(error) }),
    });
  }

  /** From now on the loop's messages are answered. */
  run(): void {
    process.on("exit", () => this.#log.flush());
    this.#channel.onMessage((message) => this.#receive(message));
  }

  #receive(message: LoopToQuery): void {
    switch (message.type) {
      case "log-store":
        return this.#open(message.place);
      case "stop":
        return this.#stop();
      default:
        return this.#responder.receive(message);
    }
  }

  #open(place: LogStorePlace): void {
    this.#close();
    this.#source =
      place.path === null
        ? { type: "off", reason: place.reason }
        : { type: "store", reader: createLogReader(place.path, assembleText) };
    this.#answer = createRouter(logRoutes(this.#source, Date.now), AS_TOLD);
  }

  #close(): void {
    if (this.#source?.type === "store") this.#source.reader.close();
    this.#source = null;
  }

  #stop(): void {
    this.#close();
    this.#log.flush();
    this.#channel.send({ type: "stopped" });
    this.#channel.close();
  }
}

/** Where the log lies is told by the control plane, once it has read the configuration. */
function notYet(): GatewayError {
  return new GatewayError("control_plane_unavailable", "the request log is being opened; try again in a second", {
    retryAfter: 1,
  });
}

const plane = new QueryPlane(workerData as PlaneOptions, parentChannel<LoopToQuery, QueryToLoop>());
plane.run();
