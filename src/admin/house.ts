// What the management API may ask of the rest of the house; the composition roots put it together.

import type { ConfigBook } from "../core/config-book.ts";
import type { ConfigDesk } from "../core/config-desk.ts";
import type { CostLog } from "../core/cost-log.ts";
import type { CounterStore } from "../core/counters.ts";
import type { Assumptions, LimitUse, RequestFeatures, StateView } from "../core/decision.ts";
import type { Forecaster } from "../core/forecast.ts";
import type { HeaderView, Upstream } from "../core/http.ts";
import type { Snapshot, VirtualKey } from "../core/snapshot.ts";
import type { StoreHealth } from "../core/stores.ts";
import type { AuditTrail } from "./audit-trail.ts";
import type { DemoPort } from "./demo-port.ts";
import type { LimitList } from "./limits.ts";
import type { LiveHub } from "./live-hub.ts";
import type { Login } from "./login.ts";
import type { PricesPort } from "./prices-port.ts";
import type { Recalculation } from "./recalculation.ts";
import type { WrittenLog } from "./written-log.ts";

/** A compiled configuration, and the names by which people know its virtual keys. */
export interface KnownConfiguration {
  /** Without the virtual keys, which may be very many. */
  readonly snapshot: Snapshot;
  /** By name or id. */
  virtualKey(nameOrId: string): Promise<VirtualKey | undefined>;
  /** By SHA-256 of its secret, base64. */
  virtualKeyByHash(valueHash: string): Promise<VirtualKey | undefined>;
  virtualKeyCount(): Promise<number>;
  /** Findings about it, as people read them. */
  readonly warnings: readonly string[];
  /** Of the first virtual keys. */
  limits(): Promise<LimitList>;
}

export interface SimulationInput {
  readonly features: RequestFeatures;
  readonly assume: Assumptions | null;
  readonly seed: number;
  readonly draws: number;
}

export interface Simulated {
  readonly decision: object;
  readonly shares: Readonly<Record<string, number>>;
}

/** The stores that the process stands on. */
export interface StoreFacts {
  /** Null: the file is the only state (config_store.enabled is false). */
  readonly config: StoreHealth | null;
  /** Null: no request log is written. */
  readonly log: StoreHealth | null;
  /** What switched the request log off when the process started; null = nothing. */
  readonly logOffBy: "client.enable_logging" | "logs_store.enabled" | null;
}

/** What the page tells of the process. */
export interface HouseFacts {
  readonly version: string;
  /** The file in use, or null when there is none. */
  readonly configPath: string | null;
  readonly host: string;
  readonly port: number;
  /** Unix ms. */
  readonly startedAt: number;
  /** The web UI is served. */
  readonly ui: boolean;
  /** Name of this environment, for people. */
  readonly envLabel: string | null;
}

/** Handed to the control plane's routes. */
export interface AdminHouse {
  facts(): HouseFacts;
  stores(): StoreFacts;
  /** The configuration as it is read and changed item by item. */
  readonly book: ConfigBook;
  /** The same as a whole: what could be configured, drafts, its text. Throws GatewayError while none could be read. */
  desk(): ConfigDesk;
  /** What the demo provider does to requests. */
  readonly demo: DemoPort;
  /** Budgets and limits as they are counted; null while there is no store of counters. */
  counters(): CounterStore | null;
  /** Hourly sums of costs; null while requests are not logged. */
  costLog(): CostLog | null;
  readonly forecast: Forecaster;
  readonly recalculation: Recalculation;
  readonly writtenLog: WrittenLog;
  /** Prices as they are in force. */
  readonly prices: PricesPort;
  /** Who changed what. */
  readonly audit: AuditTrail;
  /** Who watches requests and whatever else changes. */
  readonly live: LiveHub;
  /** Who may use the management API. */
  readonly login: Login;
  /** The configuration in force. Throws GatewayError while none could be read. */
  configuration(): KnownConfiguration;
  /** A configuration that nobody runs, from the text of a file. Throws GatewayError with the findings. */
  draft(text: string): KnownConfiguration;
  /** A copy of what the loop knows of the present. Rejects with GatewayError when the loop does not answer. */
  state(): Promise<StateView>;
  /** The virtual key that these headers carry. Throws GatewayError as a live request would be refused. */
  identify(headers: HeaderView, known: KnownConfiguration): Promise<VirtualKey | null>;
  /** A virtual key by its secret. */
  findSecret(value: string, known: KnownConfiguration): Promise<VirtualKey | undefined>;
  simulate(input: SimulationInput, snapshot: Snapshot, view: StateView): Simulated;
  /** For each of these targets whether a budget or limit of it is used up now. */
  usedUp(
    key: VirtualKey | null,
    snapshot: Snapshot,
    targets: readonly { readonly provider: string; readonly model: string }[],
  ): Promise<readonly boolean[]>;
  /** For each of these targets how much of its budgets and limits is used, in percent. An empty provider = none is chosen. */
  limitUse(
    key: VirtualKey | null,
    snapshot: Snapshot,
    targets: readonly { readonly provider: string; readonly model: string }[],
  ): Promise<readonly LimitUse[]>;
  /** Prometheus text. */
  metrics(): string | Promise<string>;
  readonly upstream: Upstream;
  now(): number;
}
