// The control plane's composition root, in a thread of its own: configuration, records, metrics, log and management API.
import { join, resolve } from "node:path";
import { duplexPair } from "node:stream";
import { workerData } from "node:worker_threads";
import { draftConfiguration, findingLine, knownConfiguration } from "./admin/configuration.ts";
import { controlRoutes } from "./admin/control-routes.ts";
import type { AdminHouse, KnownConfiguration, StoreFacts } from "./admin/house.ts";
import type { Login } from "./admin/login.ts";
import { loginAccess } from "./admin/login-access.ts";
import { createLogin, setupFacts } from "./admin/login-start.ts";
import { Publisher } from "./admin/publisher.ts";
import { createRouter } from "./admin/router.ts";
import { StateRequests } from "./admin/state-requests.ts";
import { findKey } from "./auth/credentials.ts";
import { identifyCaller } from "./auth/identify.ts";
import { type LoadResult, loadConfiguration } from "./config/load.ts";
import type { Channel } from "./core/channel.ts";
import type { ConfigBook } from "./core/config-book.ts";
import { type Entity, entityId, type ProviderEntity } from "./core/entities.ts";
import { GatewayError } from "./core/errors.ts";
import type {
  ControlToLoop,
  LogStorePlace,
  LoopToControl,
  PlaneOptions,
  RecordsMessage,
} from "./core/plane-messages.ts";
import type { LogWriter, StoreHealth } from "./core/stores.ts";
import { assembleText } from "./formats/assemble-text.ts";
import { BridgeResponder } from "./lib/channel/bridge-responder.ts";
import { parentChannel } from "./lib/channel/port-channel.ts";
import { catalogue } from "./providers/catalogue.ts";
import { serveDemo } from "./providers/demo/server.ts";
import { registry } from "./providers/registry.ts";
import { simulate } from "./routing/simulate.ts";
import { createLogWriter } from "./store/sqlite/log-writer.ts";
import { createLog, type ProcessLog } from "./telemetry/log.ts";
import type { MetricSample } from "./telemetry/metrics-definitions.ts";
import { processSamples, watchThread } from "./telemetry/metrics-process.ts";
import { createMetricsStore } from "./telemetry/metrics-store.ts";
import { createUpstream } from "./upstream/client.ts";

type Loaded = Extract<LoadResult, { ok: true }>;
type Hello = Extract<LoopToControl, { type: "hello" }>;
type Prove = Extract<LoopToControl, { type: "prove" }>;

/** After a restart a file that has become unreadable is looked at again this often, ms. */
const RELOAD = 5000;

class ControlPlane {
  readonly #options: PlaneOptions;
  readonly #channel: Channel<LoopToControl, ControlToLoop>;
  readonly #log: ProcessLog;
  readonly #publisher: Publisher;
  readonly #states: StateRequests;
  readonly #threadSamples = watchThread("control");
  readonly #metrics = createMetricsStore(() => this.#samples());
  readonly #upstream;
  readonly #responder: BridgeResponder;
  readonly #login: Login;
  readonly #startedAt = Date.now();
  #configPath: string | null = null;
  #envLabel: string | null = null;
  #logOffBy: StoreFacts["logOffBy"] = null;
  #known: KnownConfiguration | null = null;
  readonly #book: ConfigBook | null = null;
  #writer: LogWriter | null = null;
  #reload: NodeJS.Timeout | null = null;

  constructor(options: PlaneOptions, channel: Channel<LoopToControl, ControlToLoop>) {
    this.#options = options;
    this.#channel = channel;
    this.#log = createLog({ level: options.logLevel, style: options.logStyle });
    this.#publisher = new Publisher((message) => channel.send(message));
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
    this.#login = createLogin({
      host: options.host,
      configured: () => this.#book?.configuredLogin() ?? null,
      environment: process.env,
      generatedToken: options.setupToken,
      openRoutes: () => this.#known?.snapshot.settings.whitelistedRoutes ?? [],
      store: () => null,
      tell: (state) => channel.send({ type: "login", ...state }),
      onTrouble: (error) =>
        this.#log.write("warn", "a session of the login is kept in memory", { error: String(error) }),
      now: Date.now,
    });
    const house = this.#house();
    this.#responder = new BridgeResponder({
      send: (message, transfer) => channel.send(message, transfer),
      handler: createRouter(controlRoutes(house), loginAccess(house)),
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
        return this.#begin(message);
      case "snapshot-applied":
        return this.#publisher.applied(message.version);
      case "records":
        return this.#write(message);
      case "metrics":
        return this.#metrics.apply(message);
      case "log":
        return this.#log.write(message.level, message.text, message.fields);
      case "state":
        return this.#states.receive(message.id, message.now, message.keys);
      case "prove":
        void this.#prove(message);
        return;
      case "loop-health":
        return;
      case "stop":
        return this.#stop();
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

  /** Loads the configuration and sends it: the first time the process waits for it, after a restart traffic goes on without. */
  #begin(hello: Hello): void {
    const loaded = this.#load();
    if (loaded.ok) return this.#use(loaded, hello);
    const text = loaded.errors.map((error) => error.text).join("\n\n");
    if (hello.snapshotVersion === 0) {
      this.#channel.send({ type: "refused", text });
      return;
    }
    this.#log.write("error", "the configuration cannot be used any more; traffic goes on with the last one", {
      findings: text,
    });
    this.#reload = setTimeout(() => this.#begin(hello), RELOAD);
  }

  #load(): LoadResult {
    const { appDir, configPath } = this.#options;
    return loadConfiguration({ appDir, configPath, environment: process.env, registry, catalogue });
  }

  /** The loop comes first: what only this thread needs is made while the gateway already listens. */
  #use(loaded: Loaded, hello: Hello): void {
    const { entities, facts } = loaded;
    const version = hello.snapshotVersion + 1;
    const warnings = loaded.warnings.map(findingLine);
    const logStore = logStorePlace(loaded, this.#options.appDir);
    this.#log.conceal([...secretsOf(loaded), this.#login.setupToken.token]);
    this.#configPath = facts.path;
    this.#envLabel = facts.envLabel;
    this.#logOffBy = logOffBy(loaded);
    void this.#login.refresh();
    const setup = setupFacts(this.#login);
    this.#channel.send({
      type: "started",
      configPath: facts.path,
      warnings,
      providers: entities.flatMap((entity) => (entity.kind === "provider" ? [entity.name] : [])),
      virtualKeys: entities.filter((entity) => entity.kind === "virtual-key").length,
      hints: facts.hints,
      logStore,
      ...(setup === undefined ? {} : { setup }),
    });
    const removes = missingIds(hello.entityIds ?? [], entities);
    void this.#publisher.publish({ version, upserts: entities, removes, paced: hello.snapshotVersion > 0 });
    this.#known = knownConfiguration(entities, registry, warnings, version);
    if (logStore.path !== null) this.#openLog(logStore.path);
  }

  #openLog(path: string): void {
    const onHealth = (health: StoreHealth): void => this.#tellHealth(health, path);
    this.#writer = createLogWriter({ path, assembleText, onHealth });
    this.#channel.send({ type: "store-health", ...this.#writer.health });
  }

  /** Told when it changes, so once for each trouble. */
  #tellHealth(health: StoreHealth, path: string): void {
    this.#channel.send({ type: "store-health", ok: health.ok, reason: health.reason });
    if (health.ok) this.#log.write("info", "the request log is written again", { path });
    else
      this.#log.write("error", "the request log cannot be written; requests are served on", {
        path,
        reason: health.reason,
      });
  }

  /** The buffer goes back whatever became of its records. */
  #write(message: RecordsMessage): void {
    if (message.dropped > 0)
      this.#log.write("warn", "records were dropped: the loop had no free buffer", { count: message.dropped });
    try {
      this.#writer?.write(message.buffer, message.firstWord, message.words);
    } finally {
      this.#channel.send({ type: "records-free", buffer: message.buffer }, [message.buffer]);
    }
  }

  #samples(): MetricSample[] {
    const dropped = this.#writer?.dropped ?? 0;
    const lost: MetricSample = { metric: "bifrost_dropped_records_total", labels: ["control"], value: dropped };
    return [lost, ...processSamples(), ...this.#threadSamples()];
  }

  #house(): AdminHouse {
    const { appDir, version, host, port } = this.#options;
    const book = (): ConfigBook => this.#book ?? refuseWithoutConfiguration();
    return {
      get book() {
        return book();
      },
      login: this.#login,
      facts: () => ({
        version,
        host,
        port,
        configPath: this.#configPath,
        startedAt: this.#startedAt,
        envLabel: this.#envLabel,
      }),
      stores: () => ({ config: null, log: this.#writer?.health ?? null, logOffBy: this.#logOffBy }),
      configuration: () => this.#known ?? refuseWithoutConfiguration(),
      draft: (text) =>
        draftConfiguration({ appDir, configPath: null, environment: process.env, registry, catalogue, text }),
      state: () => this.#states.ask(),
      identify: (headers, snapshot) => identifyCaller(headers, snapshot, Date.now()),
      findSecret: (value, snapshot) => findKey(snapshot, value),
      simulate,
      metrics: () => this.#metrics.render(),
      upstream: this.#upstream,
      now: Date.now,
    };
  }

  #stop(): void {
    if (this.#reload !== null) clearTimeout(this.#reload);
    this.#writer?.close();
    this.#upstream.close();
    this.#log.flush();
    this.#channel.send({ type: "stopped" });
    this.#channel.close();
  }
}

function refuseWithoutConfiguration(): never {
  throw new GatewayError(
    "control_plane_unavailable",
    "the configuration is not read yet or cannot be used; see the log of the gateway",
    {
      retryAfter: 5,
    },
  );
}

/** The member that switches the request log off. */
function logOffBy({ entities, facts }: Loaded): StoreFacts["logOffBy"] {
  const settings = entities.find((entity) => entity.kind === "settings");
  if (settings?.loggingEnabled === false) return "client.enable_logging";
  return facts.logsStore.enabled ? null : "logs_store.enabled";
}

/** Relative to the app dir. */
function logStorePlace(loaded: Loaded, appDir: string): LogStorePlace {
  const off = logOffBy(loaded);
  if (off !== null) return { path: null, reason: `requests are not logged: ${off} is false` };
  const { path } = loaded.facts.logsStore;
  return { path: path === null ? join(appDir, "logs.db") : resolve(appDir, path), reason: "" };
}

/** What the loop holds and the configuration no longer has. */
function missingIds(held: readonly string[], entities: readonly Entity[]): string[] {
  const wanted = new Set(entities.map(entityId));
  return held.filter((id) => !wanted.has(id));
}

/** Everything that no line of the log may show. */
function secretsOf(loaded: Loaded): string[] {
  const providers = loaded.entities.filter((entity): entity is ProviderEntity => entity.kind === "provider");
  const secrets = providers.flatMap((provider) => [
    ...provider.keys.map((key) => key.value),
    provider.proxy.password ?? "",
    ...Object.values(provider.network.extraHeaders).filter((value) => value.length >= 12),
  ]);
  return [...secrets, loaded.facts.encryptionKey ?? ""].filter((secret) => secret !== "");
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const plane = new ControlPlane(workerData as PlaneOptions, parentChannel<LoopToControl, ControlToLoop>());
plane.run();
