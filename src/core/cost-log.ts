// The port of what requests cost over time: hourly sums, and the work of pricing stored rows anew.
import type { Cost } from "./price.ts";
import type { LogQuery } from "./stores.ts";
import type { RawUsage, Usage } from "./usage.ts";

/** Whose hourly sums are read; every member that is given must hold. */
export interface HoursQuery {
  readonly virtualKeyId?: string | undefined;
  readonly teamId?: string | undefined;
  readonly customerId?: string | undefined;
  /** The provider that charged; requests and tokens stand with the one that answered. */
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  /** Unix ms: the hours that begin from `from` on and before `to`. */
  readonly from: number;
  readonly to: number;
}

/** The sums of one hour. Hours without a request are left out. */
export interface HourlyUse {
  /** Unix ms at which it begins. */
  readonly at: number;
  readonly requests: number;
  readonly errors: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Nano-dollars. */
  readonly cost: number;
  /** Requests that used something without a price. */
  readonly unpriced: number;
}

/** A model that requests used without a price. */
export interface UnpricedModel {
  readonly provider: string;
  /** As the provider spells it. */
  readonly model: string;
  readonly requests: number;
}

/** An attempt of a stored row, as its price needs it. */
export interface StoredUse {
  readonly provider: string;
  readonly model: string;
  /** As its target was asked for it, without provider. */
  readonly askedModel: string;
  readonly providerKeyId: string;
  readonly providerKeyName: string;
  readonly virtualKeyId: string | null;
  readonly requestType: string;
  /** Unix ms at which the request was accepted. */
  readonly acceptedAt: number;
  /** Null in rows that kept the tokens alone. */
  readonly rawUsage: RawUsage | null;
  readonly usage: Usage | null;
}

/** What an attempt costs by the prices in force now; null = it used nothing. */
export type PriceAgain = (use: StoredUse) => Cost | null;

export type RepriceState = "running" | "posting" | "completed" | "cancelled" | "failed";

/** The work of pricing rows anew. Kept in the store with each step, so that it goes on after a crash. */
export interface RepriceJob {
  readonly id: string;
  /** Which rows; times are bounds that are set. Order and page do not count. */
  readonly query: LogQuery & { readonly startTime: number; readonly endTime: number };
  readonly applyToBudgets: boolean;
  readonly state: RepriceState;
  /** Why it failed; empty otherwise. */
  readonly error: string;
  /** Unix ms. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** The last row that was looked at, by time and place in the store. */
  readonly timestamp: number;
  readonly seq: number;
  /** Rows that were asked for. */
  readonly matched: number;
  /** Rows whose cost is another one now. */
  readonly changed: number;
  /** Of the matched ones: used something that has no price still. */
  readonly unpriced: number;
  /** Nano-dollars, over all changed rows; may be below 0. */
  readonly difference: number;
  /** Adjusting entries that were posted. */
  readonly posted: number;
}

/** By how much a job changed the cost of one caller's use of one model. */
export interface CostDifference {
  readonly virtualKeyId: string;
  readonly teamId: string;
  readonly customerId: string;
  readonly provider: string;
  /** As it was asked for, without provider: what limits of models go by. */
  readonly model: string;
  /** Nano-dollars. */
  readonly nano: bigint;
}

/** Lives in the control plane, beside the writer of the log. Throws StoreRefusedError where the store cannot be used. */
export interface CostLog {
  /** In the order of time. Reads by index: what it costs depends on the hours, not on the log. */
  hours(query: HoursQuery): readonly HourlyUse[];
  /** What was asked for without a price since then (Unix ms), most often first; of very much only the latest is counted. */
  unpriced(from: number): readonly UnpricedModel[];
  /** The job that was begun last; null = none was. */
  job(): RepriceJob | null;
  /** Keeps a job as it stands. A new one takes the place of the one before, and of its differences. */
  keep(job: RepriceJob): void;
  /**
   * Looks at the next `rows` rows of the job's time and prices those anew that it asks for: rows, all sums, differences
   * and the job itself are changed in one transaction. Comes back as it stands then; `isLast`: there are no more.
   */
  reprice(job: RepriceJob, rows: number, price: PriceAgain): { readonly job: RepriceJob; readonly isLast: boolean };
  /** What the kept job changed. */
  differences(): readonly CostDifference[];
  close(): void;
}
