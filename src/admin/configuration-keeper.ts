// Keeps the configuration of a control plane: starts the book, brings it to the loop, follows other processes, tells troubles.

import type { LaterKeys } from "../config/book/later-keys.ts";
import type { EntityChange, Ledger } from "../config/book/ledger.ts";
import type { OpenedStore } from "../config/book/opened-store.ts";
import { type StartedBook, startBook } from "../config/book/start.ts";
import { lookupOf, referenceOf, virtualKeyEntity } from "../config/book/virtual-key-entry.ts";
import { Desk } from "../config/desk/desk.ts";
import type { ConfigurationFacts } from "../config/facts.ts";
import type { LoadOptions } from "../config/load.ts";
import type { AuditStore } from "../core/audit.ts";
import type { ConfigBook } from "../core/config-book.ts";
import type { ConfigDesk } from "../core/config-desk.ts";
import type { ConfigStore, StoredEntry } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import type { LogLevel, LoopToControl } from "../core/plane-messages.ts";
import type { StoreHealth } from "../core/stores.ts";
import { collectGarbage } from "../lib/collect-garbage.ts";
import { isLoopbackHost } from "../lib/host-names.ts";
import { LiveConfiguration } from "./configuration.ts";
import type { KnownConfiguration } from "./house.ts";
import { KeyStream } from "./key-stream.ts";
import { Publisher, type SendToLoop, type VersionStream } from "./publisher.ts";

type Hello = Extract<LoopToControl, { type: "hello" }>;
/** The virtual keys that the loop was given while they were checked. */
interface Early {
  /** Null: the loop serves an older version meanwhile and is told by and by. */
  readonly keys: KeyStream | null;
  /** All keys are among them, and are stored later. */
  readonly isLater: boolean;
}
type Fields = Readonly<Record<string, string | number>>;

/** What the start found out. */
export interface StartNews {
  readonly facts: ConfigurationFacts;
  readonly warnings: readonly string[];
  readonly providers: readonly string[];
  readonly virtualKeys: number;
  /** The first version is on its way when it resolves. */
  readonly ledger: Ledger;
}

export interface KeeperParts {
  readonly load: LoadOptions;
  /** The name or address that the gateway listens on. */
  readonly host: string;
  openStore(path: string, key: string | null, onHealth: (health: StoreHealth) => void): Promise<OpenedStore>;
  classifyAddress(address: string): "public" | "private" | "loopback" | "never";
  resolveName(name: string): Promise<readonly string[]>;
  readonly send: SendToLoop;
  log(level: LogLevel, text: string, fields?: Fields): void;
  conceal(secrets: readonly string[]): void;
  /** The login and what else depends on the configuration is taken over anew. */
  refreshed(): Promise<void>;
  /** A change is in force on the loop; it is answered when this resolves. */
  changed(change: EntityChange): Promise<void>;
  /** Called once the configuration is known, before it is in force: tells the loop what it has to know first. */
  started(news: StartNews): void;
  /** Called when all of it is on its way to the loop: time for what only this thread needs. */
  sent(): void;
  /** Ends this thread: the loop starts it again. `reason` is for the process log. */
  restart(reason: string): void;
  now(): number;
}

/** A file that cannot be used any more, or a store that could not be written, is looked at again this often, ms. */
const AGAIN = 5000;

const HEALED = "the configuration store can be used again: what was served without it is stored";

/** By then nothing holds what the start has worked on. ms */
const DONE_WITH = 1000;

export class ConfigurationKeeper {
  readonly #parts: KeeperParts;
  readonly #publisher: Publisher;
  #version = 0;
  #started: StartedBook | null = null;
  #known: LiveConfiguration | null = null;
  #desk: ConfigDesk | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;
  #storing: Promise<void> = Promise.resolve();
  /** The store itself has told the process log what ails it. */
  #isTold = false;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#publisher = new Publisher(parts.send);
  }

  /** Throws GatewayError while there is none. */
  get book(): ConfigBook {
    return this.#started?.book ?? refuseWithoutConfiguration();
  }

  /** Null before the start, and where the file is the only state. */
  get store(): ConfigStore | null {
    return this.#started?.store ?? null;
  }

  /** Kept in memory where the file is the only state. Null before the start. */
  get audit(): AuditStore | null {
    return this.#started?.ledger.store ?? null;
  }

  get isStarted(): boolean {
    return this.#started !== null;
  }

  /** Throws GatewayError while there is none. */
  desk(): ConfigDesk {
    return this.#desk ?? refuseWithoutConfiguration();
  }

  configuration(): KnownConfiguration {
    return this.#known ?? refuseWithoutConfiguration();
  }

  applied(version: number): void {
    this.#publisher.applied(version);
  }

  /** Loads the configuration and sends it: the first time the process waits for it, after a restart traffic goes on without. */
  async begin(hello: Hello): Promise<void> {
    try {
      await this.#begin(hello);
    } catch (error) {
      this.#refuse(
        hello,
        error instanceof Error ? `The configuration could not be read: ${error.message}` : String(error),
      );
    }
  }

  async #begin(hello: Hello): Promise<void> {
    const parts = this.#parts;
    // while the first start checks the keys of a large file, the loop takes them in already
    const early = hello.snapshotVersion === 0 ? this.#openKeys(hello, undefined) : null;
    const result = await startBook({
      load: parts.load,
      openStore: (path, key) => parts.openStore(path, key, (health) => this.#onHealth(health)),
      addresses: {
        isLocalListener: isLoopbackHost(parts.host.includes(":") ? `[${parts.host}]` : parts.host),
        classify: (address) => parts.classifyAddress(address),
        resolve: (name) => parts.resolveName(name),
      },
      publish: (change) => this.#publish(change),
      conceal: (secrets) => parts.conceal(secrets),
      newKeys: early ?? undefined,
      now: () => parts.now(),
    });
    if (!result.ok) return this.#refuse(hello, result.text);
    const { later, ...started } = result;
    if (this.#isStopped) return void started.store?.close();
    await this.#bring(started, hello, { keys: early, isLater: later !== null });
    await this.#settle(started, later);
  }

  #refuse(hello: Hello, text: string): void {
    if (hello.snapshotVersion === 0) {
      this.#parts.send({ type: "refused", text });
      return;
    }
    this.#parts.log("error", "the configuration cannot be used any more; traffic goes on with the last one", {
      findings: text,
    });
    this.#later(() => void this.begin(hello));
  }

  /** The first version of this thread. What the loop has to know first goes ahead of its end. */
  async #bring(started: StartedBook, hello: Hello, early: Early): Promise<void> {
    const { ledger, facts } = started;
    const { registry, catalogue, environment } = this.#parts.load;
    const known = heldRevision(started, hello);
    const keys = early.keys ?? this.#openKeys(hello, known);
    const { stream } = keys;
    const warnings = [...started.warnings];
    const visit = (entry: StoredEntry): void => {
      const warning = entry.source === "api" ? switchedOff(entry, environment) : null;
      if (warning !== null) warnings.push(warning);
      keys.add(entry);
    };
    await ledger.load(early.isLater ? null : visit);
    if (known !== undefined) await addChanged(ledger, stream, known);
    for (const entity of [
      ...ledger.general(),
      ...catalogue,
      ...ledger.providers.entities(),
      ...ledger.owners.entities(),
    ])
      stream.add(entity);
    warnings.push(...providerWarnings(ledger));
    this.#known = new LiveConfiguration({
      ledger,
      registry,
      catalogue,
      findings: warnings,
      version: () => this.#version,
    });
    this.#started = started;
    this.#desk = new Desk(started, this.#parts.load);
    this.#tellStore(started);
    await this.#parts.refreshed();
    this.#parts.started({ facts, warnings, providers: ledger.providers.names(), virtualKeys: keys.count, ledger });
    // with keys that are not stored yet the loop holds no state of the store
    const inForce = stream.close(early.isLater ? undefined : ledger.revision);
    this.#parts.sent();
    await inForce;
  }

  /** What remains to be done when the first version is in force. */
  async #settle(started: StartedBook, later: LaterKeys | null): Promise<void> {
    if (later !== null) {
      this.#storing = this.#store(later);
      // the whole file, and what was made of it: a thread that has nothing to do would keep it
      void this.#storing.then(() => setTimeout(collectGarbage, DONE_WITH).unref());
    }
    await this.#storing;
    if (!this.#isStopped) started.ledger.store.onForeignChange(() => void this.#follow(started));
  }

  /** Stores keys that are served already. What goes wrong a new start finds out and tells: it stores first and serves then. */
  async #store(later: LaterKeys): Promise<void> {
    const stored = await later(() => this.#isStopped).catch((error: unknown) => {
      this.#parts.log("warn", "the virtual keys of the file are not stored yet", { reason: String(error) });
      return "failed";
    });
    if (stored === "foreign")
      this.#parts.restart("another process has stored virtual keys of its own: the configuration is read anew");
    if (stored === "failed") this.#parts.restart("the virtual keys of the file are stored in another way");
  }

  /** `known`: the loop holds the keys of this revision of the store. */
  #openKeys(hello: Hello, known: number | undefined): KeyStream {
    this.#version = hello.snapshotVersion + 1;
    return new KeyStream(this.#open(hello, known), this.#parts.load.environment, known !== undefined);
  }

  #open(hello: Hello, known: number | undefined): VersionStream {
    if (hello.snapshotVersion === 0) return this.#publisher.open({ version: this.#version, paced: false });
    const replaces = known === undefined ? "everything" : "all-but-virtual-keys";
    return this.#publisher.open({ version: this.#version, paced: true, replaces });
  }

  async #publish(change: EntityChange): Promise<void> {
    await this.#parts.refreshed();
    await this.#publisher.publish({ version: ++this.#version, paced: true, ...change });
    await this.#parts.changed(change);
  }

  async #follow(started: StartedBook): Promise<void> {
    try {
      await started.book.refresh();
    } catch (error) {
      // the store tells its troubles itself, and tells of the change again
      this.#parts.log("warn", "a change of another process is not in force yet", { reason: String(error) });
    }
  }

  /** A store that cannot be had is told once, and looked at until it is there: then everything starts anew with it. */
  #tellStore(started: StartedBook): void {
    const { store, storePath, frozen } = started;
    if (store === null || storePath === null) return;
    this.#parts.send({ type: "store-health", store: "config", ...store.health });
    if (frozen === null) return;
    if (!this.#isTold)
      this.#parts.log(
        "error",
        "the configuration store cannot be written; what the file says is served, changes are refused",
        { path: storePath, reason: frozen },
      );
    this.#later(() => void this.#thaw(started, storePath));
  }

  async #thaw(started: StartedBook, path: string): Promise<void> {
    try {
      const { store } = await this.#parts.openStore(path, started.facts.encryptionKey, () => {});
      const { ok } = store.health;
      await store.close();
      if (ok) return this.#parts.restart(HEALED);
    } catch {
      // still not there
    }
    this.#later(() => void this.#thaw(started, path));
  }

  #onHealth(health: StoreHealth): void {
    this.#isTold ||= !health.ok;
    // what was served from memory meanwhile is stored when everything starts anew
    if (health.ok && typeof this.#started?.frozen === "string") return this.#parts.restart(HEALED);
    this.#parts.send({ type: "store-health", store: "config", ok: health.ok, reason: health.reason });
  }

  #later(work: () => void): void {
    if (!this.#isStopped) this.#timer = setTimeout(work, AGAIN);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#storing;
    await this.#started?.store?.close();
  }
}

/** The revision of the store that the loop serves; undefined when that tells nothing of what is in force now. */
function heldRevision({ store, frozen }: StartedBook, { revision }: Hello): number | undefined {
  if (store === null || frozen !== null || revision === undefined) return undefined;
  // a store that was put back from a backup
  return revision <= store.revision ? revision : undefined;
}

/** What changed in the store since the loop was last told. */
async function addChanged(ledger: Ledger, stream: VersionStream, since: number): Promise<void> {
  const { changed } = await ledger.store.changedSince(since);
  for (const { kind, id } of changed) {
    if (kind !== "virtual-key") continue;
    const entry = await ledger.store.get(kind, id);
    if (entry === null || entry.deleted) stream.remove(`virtual-key:${id}`);
    else stream.add(virtualKeyEntity(entry, ledger.options.environment));
  }
}

/** A key whose secret is in a variable that is not set; of the file's own the file was told already. */
function switchedOff(entry: StoredEntry, environment: LoadOptions["environment"]): string | null {
  const reference = referenceOf(entry);
  if (reference === null || lookupOf(entry, environment) !== "") return null;
  return `virtual key "${entry.name}" is switched off: ${reference} is not set`;
}

/** Findings of what the API made or changed. */
function providerWarnings(ledger: Ledger): string[] {
  const proxy = ledger.proxyProblem;
  const found = ledger.providers.names().flatMap((name) => {
    if (ledger.providers.entryOf(name)?.source !== "api") return [];
    return ledger.providers.findingsOf(name).map((finding) => `provider "${name}": ${finding.message}`);
  });
  return proxy === null ? found : [proxy, ...found];
}

function refuseWithoutConfiguration(): never {
  throw new GatewayError(
    "control_plane_unavailable",
    "the configuration is not read yet or cannot be used; see the log of the gateway",
    { retryAfter: 5 },
  );
}
