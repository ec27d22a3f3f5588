// The data plane's composition root, on the main thread: builds the doors and the corridor, and keeps the other planes running.
import { duplexPair } from "node:stream";
import { priceTargetOf } from "./accounting/charge.ts";
import { bundledPrices } from "./accounting/prices/bundled.ts";
import { patchProblem } from "./accounting/prices/overrides.ts";
import { PriceShelf } from "./accounting/prices/price-shelf.ts";
import { targetPrice } from "./accounting/prices/target-price.ts";
import { RecordBuffer } from "./accounting/record-buffer.ts";
import { createAccounting } from "./accounting/settle.ts";
import { identify } from "./auth/identify.ts";
import { LoginProofs } from "./auth/login-proofs.ts";
import { SnapshotBuilder } from "./config/compile.ts";
import { KeyTokens } from "./core/key-tokens.ts";
import type { ControlToLoop, LogLevel, PlaneOptions } from "./core/plane-messages.ts";
import type { Snapshot } from "./core/snapshot.ts";
import type { StoreHealth } from "./core/stores.ts";
import { Admission } from "./governance/admission.ts";
import { Estimator } from "./governance/estimator.ts";
import { GovernanceTally } from "./governance/governance-tally.ts";
import { Governor } from "./governance/governor.ts";
import { LeaseDesk } from "./governance/lease-desk.ts";
import { systemClock } from "./lib/clock.ts";
import { timeOrderedId } from "./lib/ids.ts";
import { randomSeed } from "./lib/random.ts";
import { Pipeline } from "./pipeline/pipeline.ts";
import { type ControlChannel, type QueryChannel, startControlPlane, startQueryPlane } from "./planes.ts";
import { DemoSwitch } from "./providers/demo/break-it.ts";
import { serveDemo } from "./providers/demo/server.ts";
import { registry } from "./providers/registry.ts";
import { plan } from "./routing/plan.ts";
import { compileAhead } from "./routing/rules/compiled-rule.ts";
import { expressionProblem } from "./routing/rules/expression.ts";
import { RoutingState } from "./routing/state.ts";
import { createDoor } from "./server/app-door.ts";
import { Bridge, type BridgeLine } from "./server/bridge.ts";
import { healthAnswer } from "./server/health.ts";
import { type Listener, listen } from "./server/listener.ts";
import { LiveFeed } from "./telemetry/live-feed.ts";
import type { MetricSample } from "./telemetry/metrics-definitions.ts";
import { ActiveRequests, droppedSamples, governanceSamples, keyUpSamples } from "./telemetry/metrics-gauges.ts";
import { LoopMetrics } from "./telemetry/metrics-loop.ts";
import { watchThread } from "./telemetry/metrics-process.ts";
import { createUpstream } from "./upstream/client.ts";

/** The provider types, and what is wrong with a price or an expression, for commands that read a configuration without a gateway. */
export { expressionProblem, patchProblem, registry };

export interface GatewayOptions extends PlaneOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Requests under way get so long to finish at the end, ms. */
  readonly drainLimit?: number;
  /** Connections of clients at once; null = by the descriptors that the system grants. */
  readonly maxConnections?: number | null;
}

export type StartFacts = Omit<Extract<ControlToLoop, { type: "started" }>, "type">;

export interface Gateway {
  readonly port: number;
  readonly addresses: readonly string[];
  readonly facts: StartFacts;
  /** Callers without a virtual key are refused. */
  readonly needsKey: boolean;
  /** Stops accepting, lets requests finish, writes what is to be written. */
  stop(): Promise<void>;
}

/** The configuration cannot be used; `text` is for the person at the terminal. */
export class StartRefusedError extends Error {
  readonly text: string;
  constructor(text: string) {
    super("the configuration cannot be used");
    this.name = "StartRefusedError";
    this.text = text;
  }
}

/** ms between two looks at those who wait, at leases and at entries. */
const ADMISSION_TICK = 50;
const DRAIN_LIMIT = 30_000;
/** A plane that died is started again after this, doubling to the longest; ms. */
const FIRST_RESTART = 100;
const LONGEST_RESTART = 5_000;
const STOP_LIMIT = 5_000;

/** What lives on the loop. */
class DataPlane {
  readonly #options: GatewayOptions;
  readonly #builder = new SnapshotBuilder(registry, (text) => this.log("warn", text));
  readonly #state = new RoutingState();
  readonly #proofs = new LoginProofs({
    ask: (id, credentials, address) => this.#control?.send({ type: "prove", id, credentials, address }) ?? false,
    openRoutes: () => this.#snapshot?.settings.whitelistedRoutes ?? [],
    run: (exchange, refused) => this.#pipeline.run(exchange, refused),
    now: Date.now,
  });
  readonly #bridge = new Bridge({ callerOf: (request) => this.#proofs.caller(request) });
  readonly #demo = new DemoSwitch(Date.now);
  readonly #records = new RecordBuffer({
    send: (message, transfer) => this.#control?.send(message, transfer) ?? false,
  });
  readonly #live = new LiveFeed({ send: (message) => this.#control?.send(message) ?? false, now: Date.now });
  readonly #active = new ActiveRequests();
  readonly #metrics: LoopMetrics;
  readonly #prices = new PriceShelf();
  /** Resolves when the prices that come with the gateway are in force. */
  readonly #bundled = this.#loadPrices();
  readonly #desk = new LeaseDesk({
    port: { send: (message) => void this.#control?.send(message) },
    clock: systemClock,
    // of one process, and never the same again
    loop: timeOrderedId(Date.now()),
    defer: setImmediate,
  });
  readonly #governor: Governor;
  readonly #pipeline: Pipeline;
  readonly #upstream;
  #snapshot: Snapshot | null = null;
  /** A control plane that was started before this. */
  #early: ControlChannel | null;
  #control: ControlChannel | null = null;
  #query: QueryChannel | null = null;
  readonly #queryLine: BridgeLine = {
    send: (message, transfer) => {
      if (this.#query === null && this.#draining) return false;
      return (this.#query ?? this.#startQuery()).send(message, transfer);
    },
  };
  #listener: Listener | null = null;
  #logStore: StoreHealth | null = null;
  #configStore: StoreHealth | null = null;
  #counterStore: StoreHealth | null = null;
  /** Of the store whose entries are served; undefined before the first version. */
  #revision: number | undefined;
  #facts: StartFacts | null = null;
  #draining = false;
  #restarts = { control: 0, query: 0 };
  /** The control plane has said that it ends and is to be started again. */
  #isRestarting = false;
  #onFirst: { resolve: (facts: StartFacts) => void; reject: (error: Error) => void } | null = null;
  #onStopped: (() => void) | null = null;

  constructor(options: GatewayOptions, early: ControlChannel | null) {
    this.#options = options;
    this.#early = early;
    const watch = watchThread("loop");
    this.#metrics = new LoopMetrics({
      send: (delta) => this.#control?.send(delta) ?? false,
      samples: () => [...watch(), ...this.#samples()],
    });
    this.#upstream = createUpstream({
      environment: options.environment,
      demo: () => {
        const [near, far] = duplexPair();
        serveDemo(far, { behaviour: (request) => this.#demo.behaviour(request) });
        return near;
      },
      log: (level, text) => this.log(level, text),
    });
    this.#governor = this.#createGovernor();
    this.#pipeline = new Pipeline({
      governor: this.#governor,
      prices: this.#prices,
      identify,
      plan,
      state: this.#state,
      upstream: this.#upstream,
      tokens: new KeyTokens(this.#upstream, () => systemClock.now()),
      accounting: createAccounting({
        records: this.#records,
        metrics: this.#metrics,
        clock: systemClock,
        onFault: (error) => this.log("error", "a record could not be made", { error: String(error) }),
      }),
      clock: systemClock,
      seed: randomSeed,
      active: this.#active,
      live: this.#live,
      log: (level, text, fields) => this.log(level, text, fields),
    });
  }

  #createGovernor(): Governor {
    const tally = new GovernanceTally();
    const admission = new Admission({
      desk: this.#desk,
      clock: systemClock,
      onUnpriced: (budget) => {
        tally.unpricedUnder(budget);
        this.#desk.unpriced.add(budget);
      },
      onBeyondBound: (budget, amount) => tally.beyond(budget, amount),
    });
    setInterval(() => admission.tick(), ADMISSION_TICK).unref();
    return new Governor({
      admission,
      tally,
      estimator: new Estimator(),
      offerOf: (exchange, target) => {
        const price = this.#prices.priceOf(priceTargetOf(exchange, target, target.key, target.model));
        const known = target.provider.models.get(target.model)?.maxOutputTokens ?? null;
        return {
          price: targetPrice(price, exchange.serviceTier, exchange.acceptedAt),
          maxOutputTokens: known ?? price?.maxOutputTokens ?? null,
        };
      },
    });
  }

  /** While the configuration is read: no request comes before. */
  async #loadPrices(): Promise<void> {
    try {
      const { table } = await bundledPrices();
      this.#prices.setBundled(table);
    } catch (error) {
      this.log("error", "the bundled prices could not be loaded: what a price sheet does not price is unpriced", {
        error: String(error),
      });
    }
  }

  /** A sheet that cannot be taken is not acknowledged; the one before stays in force. */
  #onPrices({ version, sheet }: Extract<ControlToLoop, { type: "prices" }>): void {
    try {
      this.#prices.setSheet(sheet);
      this.#control?.send({ type: "prices-applied", version });
    } catch (error) {
      this.log("error", "a price sheet could not be taken", { error: String(error) });
    }
  }

  log(level: LogLevel, text: string, fields?: Record<string, string | number>): void {
    const message =
      fields === undefined ? { type: "log" as const, level, text } : { type: "log" as const, level, text, fields };
    if (this.#control?.send(message) !== true && level !== "debug") process.stderr.write(`${level}: ${text}\n`);
  }

  /** Gauges that the loop alone knows, once a second. */
  #samples(): MetricSample[] {
    const dropped = droppedSamples("loop", this.#records.dropped, this.#records.droppedContent);
    const keys = this.#snapshot === null ? [] : keyUpSamples(this.#snapshot, this.#state.view(Date.now()));
    const { admission, tally } = this.#governor;
    const { reservations, waiting, settlementLag } = admission;
    const governed = governanceSamples({ ...tally, reservations, waiting, settlementLag });
    return [...dropped, ...this.#active.samples(), ...keys, ...governed];
  }

  /** Starts the other planes and waits for the first configuration. */
  begin(): Promise<StartFacts> {
    return new Promise((resolve, reject) => {
      this.#onFirst = { resolve, reject };
      this.#startControl();
      this.#bridge.connect("query", this.#queryLine);
    });
  }

  get needsKey(): boolean {
    return this.#snapshot?.settings.enforceVirtualKeys ?? false;
  }

  async open(): Promise<Listener> {
    await this.#bundled;
    const gate = createDoor({
      snapshot: () => this.#snapshot,
      run: (exchange, refused) => this.#proofs.admit(exchange, refused),
      login: () => this.#proofs.state,
      operatorRefusal: (request) => this.#proofs.operatorRefusal(request),
      control: this.#bridge,
      health: () =>
        healthAnswer({
          logStore: this.#logStore,
          configStore: this.#configStore,
          counterStore: this.#counterStore,
          controlAlive: this.#control !== null,
          draining: this.#draining,
        }),
      ids: timeOrderedId,
      clock: systemClock,
    });
    const { host, port, maxConnections = null } = this.#options;
    this.#listener = await listen({ host, port, gate, limits: maxConnections === null ? {} : { maxConnections } });
    return this.#listener;
  }

  async stop(): Promise<void> {
    this.#draining = true;
    this.#governor.admission.stop();
    const drained = this.#listener?.drain(this.#options.drainLimit ?? DRAIN_LIMIT);
    this.#bridge.drain();
    await drained;
    this.#desk.close();
    await this.#records.drain(STOP_LIMIT);
    this.#metrics.flush();
    await this.#stopPlanes();
    this.#upstream.close();
  }

  #startControl(): void {
    const channel = this.#early ?? startControlPlane(this.#options);
    this.#early = null;
    this.#control = channel;
    this.#bridge.connect("control", channel);
    channel.onMessage((message) => this.#onControl(message));
    channel.onClose(() => {
      this.#control = null;
      this.#bridge.disconnect("control");
      this.#proofs.lost();
      // whoever broke the demo cannot see it any more
      this.#demo.set("ok");
      this.#records.restart();
      this.#metrics.restart();
      this.#live.stop();
      this.#onFirst?.reject(new Error("the control plane ended before it had a configuration"));
      this.#restart("control", () => this.#startControl());
    });
    const snapshotVersion = this.#snapshot?.version ?? 0;
    const revision = this.#revision === undefined ? {} : { revision: this.#revision };
    channel.send({ type: "hello", snapshotVersion, ...revision });
    this.#desk.attach();
  }

  /** A gateway that nobody asks for its log does without that thread: 11 MB, and a sixth of the start's processor time. */
  #startQuery(): QueryChannel {
    const channel = startQueryPlane(this.#options);
    this.#query = channel;
    if (this.#facts !== null) channel.send({ type: "log-store", place: this.#facts.logStore });
    channel.onMessage((message) => {
      this.#restarts.query = 0;
      if (message.type !== "stopped") this.#bridge.receive("query", message);
    });
    channel.onClose(() => {
      this.#query = null;
      this.#bridge.disconnect("query");
      this.#restart("query", () => this.#bridge.connect("query", this.#queryLine));
    });
    return channel;
  }

  /** Traffic goes on meanwhile, from the last snapshot. */
  #restart(plane: "control" | "query", start: () => void): void {
    if (this.#draining || (this.#onFirst !== null && this.#snapshot === null)) return;
    const wait = Math.min(FIRST_RESTART * 2 ** this.#restarts[plane]++, LONGEST_RESTART);
    const isExpected = plane === "control" && this.#isRestarting;
    if (plane === "control") this.#isRestarting = false;
    if (!isExpected) process.stderr.write(`warn: the ${plane} plane ended and is started again\n`);
    setTimeout(() => {
      if (!this.#draining) start();
    }, wait).unref();
  }

  #onControl(message: ControlToLoop): void {
    switch (message.type) {
      case "snapshot":
        return this.#onSnapshot(message);
      case "started": {
        const { type: _type, ...facts } = message;
        this.#facts = facts;
        this.#query?.send({ type: "log-store", place: facts.logStore });
        return;
      }
      case "refused":
        this.#onFirst?.reject(new StartRefusedError(message.text));
        this.#onFirst = null;
        return;
      case "login":
        return this.#proofs.change({ mode: message.mode, closesInference: message.closesInference });
      case "proof":
        return this.#proofs.receive(message.id, message.proof);
      case "records-free":
        return this.#records.release(message.buffer);
      case "content-free":
        return this.#records.releaseContent(message.bytes);
      case "state-request":
        this.#control?.send({ type: "state", id: message.id, now: Date.now(), keys: this.#state.copy() });
        return;
      case "store-health":
        this.#onStoreHealth(message);
        return;
      case "demo-mode":
        return this.#demo.set(message.mode);
      case "restarting":
        this.#isRestarting = true;
        return;
      case "stopped":
        this.#onStopped?.();
        return;
      case "counter-welcome":
      case "counter-reply":
      case "counter-posted":
      case "counter-unpriced-taken":
      case "counter-renewed":
      case "counter-leases":
        return this.#desk.receive(message);
      case "live-watch":
      case "live-taken":
        return this.#live.receive(message);
      case "prices":
        return this.#onPrices(message);
      default:
        this.#bridge.receive("control", message);
    }
  }

  #onStoreHealth({ store, ok, reason }: Extract<ControlToLoop, { type: "store-health" }>): void {
    if (store === "config") this.#configStore = { ok, reason };
    else if (store === "counters") this.#counterStore = { ok, reason };
    else this.#logStore = { ok, reason };
  }

  #onSnapshot(message: Extract<ControlToLoop, { type: "snapshot" }>): void {
    if (message.replaces !== undefined) this.#builder.forget(message.replaces);
    this.#builder.apply(message.upserts, message.removes, message.version);
    if (message.keys !== undefined) this.#builder.applyKeys(message.keys);
    if (!message.last) return;
    this.#revision = message.revision;
    const snapshot = this.#builder.seal();
    this.#snapshot = snapshot;
    for (const problem of this.#prices.setOverrides(snapshot.priceOverrides)) this.log("warn", problem);
    compileAhead(snapshot.routingRules);
    this.#restarts.control = 0;
    const keys = new Set<string>();
    for (const provider of snapshot.providers.values()) for (const key of provider.keys) keys.add(key.id);
    this.#state.retain(keys);
    this.#control?.send({ type: "snapshot-applied", version: message.version });
    if (this.#facts !== null) this.#onFirst?.resolve(this.#facts);
    this.#onFirst = null;
  }

  async #stopPlanes(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onStopped = resolve;
    const timer = setTimeout(resolve, STOP_LIMIT);
    if (this.#control?.send({ type: "stop" }) !== true) resolve();
    this.#query?.send({ type: "stop" });
    await promise;
    clearTimeout(timer);
    this.#control?.close();
    this.#query?.close();
  }
}

/**
 * Starts a gateway in this process, with a control plane that was started before if there is one. Throws
 * StartRefusedError when the configuration cannot be used, ListenError when the port cannot be opened.
 */
export async function startGateway(options: GatewayOptions, early: ControlChannel | null = null): Promise<Gateway> {
  const plane = new DataPlane(options, early);
  try {
    const facts = await plane.begin();
    const listener = await plane.open();
    const { port, addresses } = listener;
    return { port, addresses, facts, needsKey: plane.needsKey, stop: () => plane.stop() };
  } catch (error) {
    await plane.stop();
    throw error;
  }
}
