// The messages between the planes: data plane (loop), control plane and query plane.

import type { KeyState } from "./decision.ts";
import type { Entity } from "./entities.ts";
import type { CountersToLoop, LoopToCounters } from "./leases.ts";
import type { LiveMessage, LiveWatch } from "./live-watch.ts";
import type { Caller, LoginCredentials, LoginState, Proof } from "./login.ts";
import type { MetricsDelta } from "./metrics-delta.ts";
import type { WholeContent } from "./stores.ts";
import type { PackedVirtualKeys } from "./virtual-key-codec.ts";

/** A request for a management path, handed over whole. */
export interface BridgeRequest {
  readonly type: "bridge-request";
  readonly id: number;
  readonly method: string;
  readonly target: string;
  /** Lower-case names. */
  readonly headers: readonly (readonly [string, string])[];
  readonly peer: { readonly address: string; readonly loopback: boolean; readonly secure: boolean };
  readonly body: Uint8Array;
  /** Who makes it, where the loop found that out for a plane that checks no credentials itself. */
  readonly caller?: Caller;
}

/** The answer comes as head, chunks and end; at most 256 KB of chunks are under way without credit. */
export type BridgeAnswer =
  | {
      readonly type: "bridge-head";
      readonly id: number;
      readonly status: number;
      readonly headers: readonly (readonly [string, string])[];
    }
  | { readonly type: "bridge-chunk"; readonly id: number; readonly bytes: Uint8Array }
  | { readonly type: "bridge-end"; readonly id: number }
  | { readonly type: "bridge-fail"; readonly id: number };

export type BridgeControl =
  | { readonly type: "bridge-cancel"; readonly id: number }
  /** The client took this many bytes: so many more may be sent. */
  | { readonly type: "bridge-credit"; readonly id: number; readonly bytes: number };

/** Packed records (core/record-codec.ts); the buffer is handed back with `records-free`. */
export interface RecordsMessage {
  readonly type: "records";
  readonly buffer: ArrayBuffer;
  /** Records dropped since the last message for want of a buffer. */
  readonly dropped: number;
  /** Contents that were given up since the last message; their rows say so, as far as they were not dropped themselves. */
  readonly droppedContent: number;
  /** Dictionary words that are new in this buffer; the first has number `firstWord`. */
  readonly firstWord: number;
  readonly words: readonly string[];
}

/**
 * One whole content, behind the records among which its row is; the buffers are transferred. Once they are let go
 * `content-free` gives their bytes back to what may be under way.
 */
export interface ContentMessage {
  readonly type: "content";
  readonly content: WholeContent;
}

export type LogLevel = "debug" | "info" | "warn" | "error";

/** The file of the request log; null = there is none, for this reason. */
export interface LogStorePlace {
  readonly path: string | null;
  readonly reason: string;
}

/** A control plane that was started again says anew all but what may be very much: of virtual keys only what changed. */
export type SnapshotReplaces = "everything" | "all-but-virtual-keys";

/** What the loop tells the control plane. */
export type LoopToControl =
  | LoopToCounters
  /** The price sheet of this version is in force on the loop. */
  | { readonly type: "prices-applied"; readonly version: number }
  | BridgeRequest
  | BridgeControl
  | MetricsDelta
  | LiveMessage
  | RecordsMessage
  | ContentMessage
  /** The first message. To a control plane that was started again: also the revision of the store that the loop serves. */
  | { readonly type: "hello"; readonly snapshotVersion: number; readonly revision?: number }
  | { readonly type: "snapshot-applied"; readonly version: number }
  | {
      readonly type: "state";
      readonly id: number;
      readonly now: number;
      readonly keys: readonly (readonly [string, KeyState])[];
    }
  | {
      readonly type: "log";
      readonly level: LogLevel;
      readonly text: string;
      readonly fields?: Readonly<Record<string, string | number>>;
    }
  /** Do these credentials prove the login? `address` is the caller's. */
  | { readonly type: "prove"; readonly id: number; readonly credentials: LoginCredentials; readonly address: string }
  | { readonly type: "loop-health"; readonly inFlight: number; readonly connections: number }
  /** No more records will come: write what there is, answer `stopped`. */
  | { readonly type: "stop" };

/** What the control plane tells the loop. */
export type ControlToLoop =
  | CountersToLoop
  | LiveWatch
  /** A new price sheet, compact (JSON text of accounting/prices/catalogue-file.ts); null = there is none any more. Acknowledged. */
  | { readonly type: "prices"; readonly version: number; readonly sheet: Uint8Array | null }
  | BridgeAnswer
  /** Slices of one version; `last` closes it and is acknowledged. */
  | {
      readonly type: "snapshot";
      readonly version: number;
      readonly upserts: readonly Entity[];
      readonly removes: readonly string[];
      /** Virtual keys; they may stand among `upserts` too. */
      readonly keys?: PackedVirtualKeys;
      readonly last: boolean;
      /** What is forgotten before this slice is applied; of the first slice, or where all begins anew. */
      readonly replaces?: SnapshotReplaces;
      /** Of the last slice: the revision of the store whose entries these are. */
      readonly revision?: number;
    }
  /** The configuration cannot be used: text for the person at the terminal, then the process ends with code 1. */
  | { readonly type: "refused"; readonly text: string }
  /** Facts for the start text; comes before the last slice of the first version. */
  | {
      readonly type: "started";
      readonly configPath: string | null;
      readonly warnings: readonly string[];
      readonly providers: readonly string[];
      readonly virtualKeys: number;
      readonly hints: readonly string[];
      readonly logStore: LogStorePlace;
      /** The listener is open to other machines and no login is set. */
      readonly setup?: SetupFacts;
    }
  | { readonly type: "proof"; readonly id: number; readonly proof: Proof }
  /** The login as it is from now on; whatever was proven before has to be proven again. Comes before the last slice of the first version. */
  | ({ readonly type: "login" } & LoginState)
  /** This thread ends of its own accord, to be started again; it has told why. */
  | { readonly type: "restarting" }
  | { readonly type: "records-free"; readonly buffer: ArrayBuffer }
  | { readonly type: "content-free"; readonly bytes: number }
  | { readonly type: "state-request"; readonly id: number }
  /** From now on the demo provider does this to requests that it would answer well, until it mends itself. */
  | { readonly type: "demo-mode"; readonly mode: "ok" | "slow" | "fail" | "throttle" | "break" }
  /** `store` absent: the request log. */
  | {
      readonly type: "store-health";
      readonly store?: "config" | "log" | "counters";
      readonly ok: boolean;
      readonly reason: string;
    }
  | { readonly type: "stopped" };

/** What the start text tells of the setup. A token that was configured is not told: `token` is null then. */
export interface SetupFacts {
  readonly token: string | null;
  /** Where the token was configured, for people; empty when it was generated. */
  readonly place: string;
}

/** The query plane only answers bridged reads. The loop hands on `log-store` from the control plane's `started`, and again after a restart. */
export type LoopToQuery =
  | BridgeRequest
  | BridgeControl
  | { readonly type: "log-store"; readonly place: LogStorePlace }
  | { readonly type: "stop" };
export type QueryToLoop = BridgeAnswer | { readonly type: "stopped" };

/** What a control plane is started with. */
export interface PlaneOptions {
  readonly appDir: string;
  /** Null: `config.json` in the app dir if there is one. */
  readonly configPath: string | null;
  readonly version: string;
  readonly logLevel: LogLevel;
  readonly logStyle: "json" | "pretty";
  readonly host: string;
  readonly port: number;
  /** Opens the setup of the login while none is set, unless another one is configured. Made anew at each start. */
  readonly setupToken?: string;
  /** False: the web UI is not served. */
  readonly ui?: boolean;
}
