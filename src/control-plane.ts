// The control plane's composition root, in a thread of its own: configuration, records, metrics, log and management API.
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { duplexPair } from "node:stream";
import { workerData } from "node:worker_threads";
import { forecastUse } from "./accounting/forecast.ts";
import { createPriceAgain } from "./accounting/price-again.ts";
import { fetchSheet } from "./accounting/prices/fetch-sheet.ts";
import { keptSheet } from "./accounting/prices/kept-sheet.ts";
import { patchProblem } from "./accounting/prices/overrides.ts";
import { PriceFeed } from "./accounting/prices/price-feed.ts";
import { PriceView } from "./accounting/prices/price-view.ts";
import { readSheetInThread } from "./accounting/prices/read-in-thread.ts";
import { shownPrices } from "./accounting/prices/shown-prices.ts";
import { alertTarget } from "./admin/alert-target.ts";
import { AuditTrail } from "./admin/audit-trail.ts";
import { draftConfiguration, withKeysOf } from "./admin/configuration.ts";
import { ConfigurationKeeper, type StartNews } from "./admin/configuration-keeper.ts";
import { controlRoutes } from "./admin/control-routes.ts";
import { CountersHouse } from "./admin/counters-house.ts";
import type { AdminHouse, StoreFacts } from "./admin/house.ts";
import type { LiveHub } from "./admin/live-hub.ts";
import { createLive, tellChange } from "./admin/live-start.ts";
import type { Login } from "./admin/login.ts";
import { loginAccess } from "./admin/login-access.ts";
import { createLogin, setupFacts } from "./admin/login-start.ts";
import { Recalculation } from "./admin/recalculation.ts";
import { createRouter } from "./admin/router.ts";
import { StateRequests } from "./admin/state-requests.ts";
import { configStorePath, logOffBy, logStorePlace } from "./admin/store-places.ts";
import { WrittenLog } from "./admin/written-log.ts";
import { candidateHashes, valueHashes } from "./auth/candidates.ts";
import { identifyCaller } from "./auth/identify.ts";
import type { Ledger } from "./config/book/ledger.ts";
import { logRetention } from "./config/book/log-retention.ts";
import { priceSheetSettings } from "./config/book/price-sheet.ts";
import type { LoadOptions } from "./config/load.ts";
import type { Channel } from "./core/channel.ts";
import type { CostLog } from "./core/cost-log.ts";
import type { ControlToLoop, LoopToControl, PlaneOptions } from "./core/plane-messages.ts";
import type { LogWriter, StoreHealth } from "./core/stores.ts";
import { assembleText } from "./formats/assemble-text.ts";
import { limitReads } from "./governance/limit-use.ts";
import { BridgeResponder } from "./lib/channel/bridge-responder.ts";
import { parentChannel } from "./lib/channel/port-channel.ts";
import { systemClock } from "./lib/clock.ts";
import { resolveName } from "./lib/resolve-name.ts";
import { catalogue } from "./providers/catalogue.ts";
import { TellingSwitch } from "./providers/demo/break-it.ts";
import { serveDemo } from "./providers/demo/server.ts";
import { registry } from "./providers/registry.ts";
import { expressionProblem } from "./routing/rules/expression.ts";
import { simulate } from "./routing/simulate.ts";
import { serveLoop } from "./store/counters/serve-loops.ts";
import { LogIntake } from "./store/log-intake.ts";
import { openConfigStore } from "./store/sqlite/config-store.ts";
import { checkCountersPlace, countersPath } from "./store/sqlite/counters-file.ts";
import { openCounterStore } from "./store/sqlite/counters-store.ts";
import { createCostLog } from "./store/sqlite/log-costs.ts";
import { createLogWriter } from "./store/sqlite/log-writer.ts";
import { createLog, type ProcessLog } from "./telemetry/log.ts";
import { budgetSamples } from "./telemetry/metrics-budgets.ts";
import type { MetricSample } from "./telemetry/metrics-definitions.ts";
import { droppedSamples } from "./telemetry/metrics-gauges.ts";
import { processSamples, watchThread } from "./telemetry/metrics-process.ts";
import { createMetricsStore } from "./telemetry/metrics-store.ts";
import { classifyAddress } from "./upstream/address-rules.ts";
import { createUpstream } from "./upstream/client.ts";

type Prove = Extract<LoopToControl, { type: "prove" }>;

/** So many secrets of virtual keys are looked for in lines of the log; older ones were told long ago. */
const MOST_CONCEALED = 2000;

class ControlPlane {
  readonly #options: PlaneOptions;
  readonly #channel: Channel<LoopToControl, ControlToLoop>;
  readonly #log: ProcessLog;
  readonly #keeper: ConfigurationKeeper;
  readonly #counters: CountersHouse;
  readonly #states: StateRequests;
  readonly #live: LiveHub;
  readonly #threadSamples = watchThread("control");
  readonly #demo = new TellingSwitch(Date.now, (mode) => this.#channel.send({ type: "demo-mode", mode }));
  readonly #metrics = createMetricsStore(() => this.#samples());
  readonly #upstream;
  readonly #responder: BridgeResponder;
  readonly #login: Login;
  readonly #audit: AuditTrail;
  readonly #startedAt = Date.now();
  readonly #prices: PriceFeed;
  /** Null before the start. */
  #ledger: Ledger | null = null;
  /** The loop was there before this thread. */
  #isAgain = false;
  #configPath: string | null = null;
  #envLabel: string | null = null;
  #logOffBy: StoreFacts["logOffBy"] = null;
  readonly #secrets = new Set<string>();
  /** Null: no request log is written. */
  #logPath: string | null = null;
  #writer: LogWriter | null = null;
  readonly #intake = new LogIntake({
    writer: () => this.#writer,
    send: (message, transfer) => this.#channel.send(message, transfer),
    lost: (rows, contents) => this.#written.lost(rows, contents),
  });
  readonly #written = new WrittenLog(
    () => this.#writer,
    (rows, contents) =>
      this.#log.write("warn", "rows or contents were dropped: the loop had no room", { rows, contents }),
  );
  #costs: CostLog | null = null;
  readonly #recalculation: Recalculation;
  readonly #priceView: PriceView;
  /** Where it lies, or would lie. */
  #configStorePath = "";

  constructor(options: PlaneOptions, channel: Channel<LoopToControl, ControlToLoop>) {
    this.#options = options;
    this.#channel = channel;
    this.#log = createLog({ level: options.logLevel, style: options.logStyle });
    this.#keeper = this.#createKeeper();
    this.#states = new StateRequests((id) => channel.send({ type: "state-request", id }));
    this.#upstream = createUpstream({
      environment: process.env,
      demo: () => {
        const [near, far] = duplexPair();
        serveDemo(far);
        return near;
      },
      log: (level, text) => this.#log.write(level, text),
    });
    this.#counters = this.#createCounters();
    this.#live = createLive({
      send: (message) => channel.send(message),
      snapshot: () => this.#keeper.configuration().snapshot,
      state: () => this.#states.ask(),
      budgets: async () => (await this.#counters.figures()).budgets,
    });
    this.#prices = this.#createPrices();
    this.#priceView = this.#createPriceView();
    this.#recalculation = this.#createRecalculation();
    this.#login = createLogin({
      host: options.host,
      configured: () => (this.#keeper.isStarted ? this.#keeper.book.configuredLogin() : null),
      environment: process.env,
      generatedToken: options.setupToken,
      openRoutes: () =>
        this.#keeper.isStarted ? this.#keeper.configuration().snapshot.settings.whitelistedRoutes : [],
      store: () => this.#keeper.store,
      tell: (state) => channel.send({ type: "login", ...state }),
      onTrouble: (error) =>
        this.#log.write("warn", "a session of the login is kept in memory", { error: String(error) }),
      onFailed: (address) => this.#audit.guess(address),
      onGuessing: (address) => this.#log.write("warn", "guessing at the login is slowed down", { address }),
      now: Date.now,
    });
    this.#audit = new AuditTrail({
      store: () => this.#keeper.audit,
      login: () => this.#login.username,
      onTrouble: ({ actor, address, method, path }, error) =>
        this.#log.write("error", "what was done is not in the audit yet; it is tried again", {
          actor,
          address,
          method,
          path,
          error: String(error),
        }),
      now: Date.now,
    });
    const house = this.#house();
    this.#responder = new BridgeResponder({
      send: (message, transfer) => channel.send(message, transfer),
      handler: createRouter(controlRoutes(house), loginAccess(house), this.#audit),
      onError: (error, request) =>
        this.#log.write("error", "a management call failed", { path: request.path, error: describe(error) }),
    });
  }

  /** From now on the loop's messages are answered. */
  run(): void {
    process.on("exit", () => this.#log.flush());
    this.#channel.onMessage((message) => this.#receive(message));
  }

  /** One broken message must not end the thread: the next ones are not to blame. */
  #receive(message: LoopToControl): void {
    try {
      this.#dispatch(message);
    } catch (error) {
      this.#log.write("error", `a message of the loop could not be handled: ${message.type}`, {
        error: describe(error),
      });
    }
  }

  #dispatch(message: LoopToControl): void {
    switch (message.type) {
      case "hello":
        this.#isAgain = message.snapshotVersion > 0;
        void this.#keeper.begin(message);
        return;
      case "snapshot-applied":
        return this.#keeper.applied(message.version);
      case "records":
        return this.#intake.takeRecords(message);
      case "content":
        return this.#intake.takeContent(message);
      case "metrics":
        return this.#metrics.apply(message);
      case "live":
        return this.#live.receive(message);
      case "log":
        return this.#log.write(message.level, message.text, message.fields);
      case "state":
        return this.#states.receive(message.id, message.now, message.keys);
      case "prove":
        void this.#prove(message);
        return;
      case "counter-attach":
      case "counter-ask":
      case "counter-post":
      case "counter-unpriced":
      case "counter-renew":
        return this.#counters.receive(message);
      case "prices-applied":
        return this.#prices.applied(message.version);
      case "loop-health":
        return;
      case "stop":
        void this.#stop();
        return;
      default:
        return this.#responder.receive(message);
    }
  }

  /** The loop waits for an answer, whatever it is. */
  async #prove({ id, credentials, address }: Prove): Promise<void> {
    const refused = { proven: false, until: 0, retryAfter: 1 };
    const proof = await this.#login.prove(credentials, address).catch(() => refused);
    this.#channel.send({ type: "proof", id, proof });
  }

  #createKeeper(): ConfigurationKeeper {
    const { host } = this.#options;
    return new ConfigurationKeeper({
      load: this.#loadOptions(),
      host,
      openStore: async (path, encryptionKey, onHealth) => {
        const log: ProcessLog["write"] = (level, text, fields) => this.#log.write(level, text, fields);
        checkCountersPlace(countersPath(path));
        const previousKey = process.env["DRAWBRIDGE_ENCRYPTION_KEY_PREVIOUS"] || null;
        const store = await openConfigStore({ path, encryptionKey, previousKey, log, onHealth });
        return { store, fingerprint: (text) => store.vault.fingerprint(text) };
      },
      classifyAddress,
      resolveName,
      send: (message, transfer) => this.#channel.send(message, transfer),
      log: (level, text, fields) => this.#log.write(level, text, fields),
      conceal: (secrets) => this.#conceal(secrets),
      refreshed: () => {
        if (this.#ledger !== null) this.#prices.configure(priceSheetSettings(this.#ledger));
        return this.#login.refresh();
      },
      changed: (change) => {
        tellChange(this.#live, this.#keeper.configuration().snapshot.version, change);
        return this.#counters.changed(change);
      },
      started: (news) => this.#onStarted(news),
      sent: () => this.#openStores(),
      restart: (reason) => {
        this.#log.write("info", "the control plane starts anew; requests are served meanwhile", { reason });
        this.#channel.send({ type: "restarting" });
        void this.#end();
      },
      now: Date.now,
    });
  }

  #createCounters(): CountersHouse {
    return new CountersHouse({
      open: (path, onHealth) =>
        openCounterStore({ path, onHealth, log: (level, text, fields) => this.#log.write(level, text, fields) }),
      serve: serveLoop,
      book: () => this.#keeper.book,
      alerts: () => (this.#ledger === null ? null : alertTarget(this.#ledger)),
      upstream: this.#upstream,
      now: Date.now,
      send: (message) => void this.#channel.send(message),
      log: (level, text, fields) => this.#log.write(level, text, fields),
    });
  }

  #createPrices(): PriceFeed {
    return new PriceFeed({
      send: (version, sheet) => this.#channel.send({ type: "prices", version, sheet }),
      fetch: (request) => {
        const { proxy, isOperators } = priceSheetSettings(this.#ledger as Ledger);
        return fetchSheet(request, { upstream: this.#upstream, folder: this.#options.appDir, proxy, isOperators });
      },
      read: readSheetInThread,
      keep: keptSheet(() => join(dirname(this.#configStorePath), "prices.sheet")),
      log: (level, text, fields) => this.#log.write(level, text, fields),
      clock: systemClock,
    });
  }

  #createPriceView(): PriceView {
    return new PriceView({
      sheet: () => this.#prices.sheet,
      overrides: () => this.#keeper.configuration().snapshot.priceOverrides,
      now: Date.now,
    });
  }

  #createRecalculation(): Recalculation {
    return new Recalculation({
      costLog: () => this.#costs,
      priceAgain: async () => {
        const { providers } = this.#keeper.configuration().snapshot;
        return createPriceAgain(await this.#priceView.shelf(), providers);
      },
      counters: () => this.#counters.store,
      book: () => this.#keeper.book,
      newId: randomUUID,
      now: Date.now,
    });
  }

  #loadOptions(): LoadOptions {
    const { appDir, configPath } = this.#options;
    return { appDir, configPath, environment: process.env, registry, catalogue, patchProblem, expressionProblem };
  }

  /** The newest ones count; those in force are told again with every change of their provider. */
  #conceal(secrets: readonly string[]): void {
    for (const secret of secrets) {
      this.#secrets.delete(secret);
      this.#secrets.add(secret);
    }
    for (const secret of this.#secrets) {
      if (this.#secrets.size <= MOST_CONCEALED) break;
      this.#secrets.delete(secret);
    }
    this.#log.conceal([...this.#secrets]);
  }

  /** The loop comes first: what only this thread needs is made while the gateway already listens. */
  #onStarted({ facts, warnings, providers, virtualKeys, ledger }: StartNews): void {
    this.#configPath = facts.path;
    this.#ledger = ledger;
    this.#envLabel = facts.envLabel;
    this.#conceal([this.#login.setupToken.token, ...(facts.encryptionKey === null ? [] : [facts.encryptionKey])]);
    const off = logOffBy(ledger.settings().loggingEnabled, facts);
    this.#logOffBy = off;
    const logStore = logStorePlace(off, facts, this.#options.appDir);
    const setup = setupFacts(this.#login);
    this.#channel.send({
      type: "started",
      configPath: facts.path,
      warnings,
      providers,
      virtualKeys,
      hints: facts.hints,
      logStore,
      ...(setup === undefined ? {} : { setup }),
    });
    this.#logPath = logStore.path;
    this.#configStorePath = configStorePath(facts, this.#options.appDir);
  }

  #openStores(): void {
    this.#openLog();
    this.#counters.begin(countersPath(this.#configStorePath));
    if (this.#ledger !== null) this.#prices.begin(priceSheetSettings(this.#ledger), this.#isAgain);
  }

  /** The first records come when the loop listens: by then there is somebody to take them. */
  #openLog(): void {
    const path = this.#logPath;
    if (path === null) return;
    const onHealth = (health: StoreHealth): void => this.#tellHealth(health, path);
    const retention = () => (this.#ledger === null ? { days: 0, maxBytes: 0 } : logRetention(this.#ledger));
    this.#writer = createLogWriter({ path, assembleText, onHealth, retention });
    this.#channel.send({ type: "store-health", ...this.#writer.health });
    this.#costs = createCostLog(path);
    this.#recalculation.resume((error) =>
      this.#log.write("debug", "whether costs were being recalculated cannot be told", { error: String(error) }),
    );
  }

  /** Told when it changes, so once for each trouble. */
  #tellHealth({ ok, reason }: StoreHealth, path: string): void {
    this.#channel.send({ type: "store-health", ok, reason });
    if (ok) this.#log.write("info", "the request log is written again", { path });
    else this.#log.write("error", "the request log cannot be written; requests are served on", { path, reason });
  }

  #samples(): MetricSample[] {
    const lost = droppedSamples("control", this.#writer?.dropped ?? 0, this.#writer?.droppedContent ?? 0);
    return [...lost, ...budgetSamples(this.#counters.latest), ...processSamples(), ...this.#threadSamples()];
  }

  #house(): AdminHouse {
    const { version, host, port } = this.#options;
    const keeper = this.#keeper;
    return {
      get book() {
        return keeper.book;
      },
      desk: () => keeper.desk(),
      demo: this.#demo,
      prices: shownPrices(this.#prices, this.#priceView),
      counters: () => this.#counters.store,
      costLog: () => this.#costs,
      forecast: forecastUse,
      recalculation: this.#recalculation,
      writtenLog: this.#written,
      login: this.#login,
      audit: this.#audit,
      live: this.#live,
      facts: () => ({
        version,
        host,
        port,
        ui: this.#options.ui !== false,
        configPath: this.#configPath,
        startedAt: this.#startedAt,
        envLabel: this.#envLabel,
      }),
      stores: () => ({
        config: keeper.store?.health ?? null,
        log: this.#writer?.health ?? null,
        logOffBy: this.#logOffBy,
      }),
      configuration: () => keeper.configuration(),
      draft: (text) => draftConfiguration({ ...this.#loadOptions(), configPath: null, text }),
      state: () => this.#states.ask(),
      identify: async (headers, known) =>
        identifyCaller(headers, await withKeysOf(known, candidateHashes(headers)), Date.now()),
      findSecret: async (value, known) => {
        for (const hash of valueHashes(value)) {
          const found = await known.virtualKeyByHash(hash);
          if (found !== undefined) return found;
        }
        return undefined;
      },
      simulate,
      ...limitReads(() => this.#counters.store),
      metrics: async () => {
        await this.#counters.figures();
        return this.#metrics.render();
      },
      upstream: this.#upstream,
      now: Date.now,
    };
  }

  async #stop(): Promise<void> {
    await this.#recalculation.stop();
    await this.#counters.stop().catch((error: unknown) => this.#tellUnclosed("counters", error));
    await this.#close();
    this.#channel.send({ type: "stopped" });
    this.#channel.close();
  }

  /** The loop starts another thread in place of this one. */
  async #end(): Promise<void> {
    await this.#recalculation.stop();
    await this.#counters.leave().catch((error: unknown) => this.#tellUnclosed("counters", error));
    await this.#close();
    process.exit(0);
  }

  async #close(): Promise<void> {
    this.#prices.stop();
    this.#writer?.close();
    this.#costs?.close();
    this.#costs = null;
    this.#upstream.close();
    await this.#keeper.stop().catch((error: unknown) => this.#tellUnclosed("configuration", error));
    this.#log.flush();
  }

  #tellUnclosed(store: string, error: unknown): void {
    this.#log.write("error", `the store of the ${store} was not closed in order`, { error: describe(error) });
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const plane = new ControlPlane(workerData as PlaneOptions, parentChannel<LoopToControl, ControlToLoop>());
plane.run();
