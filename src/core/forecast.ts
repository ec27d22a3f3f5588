// What is expected of a budget's use: the form of the question and of its answer.

/** What was used in one hour. */
export interface UsedHour {
  /** Unix ms at which it begins. */
  readonly at: number;
  readonly amount: number;
}

export interface ForecastQuestion {
  /** In the order of time; hours without use may be left out. */
  readonly hours: readonly UsedHour[];
  /** In the open window, in the unit of `hours`. */
  readonly used: number;
  readonly limit: number;
  /** Unix ms at which the window began. */
  readonly lastReset: number;
  /** Unix ms; null = never by itself. */
  readonly resetsAt: number | null;
  readonly now: number;
}

/**
 * `pattern`: the use of each hour of the week, at the level of the last seven days. `recent`: the rate of the last day.
 * `window`: the rate of the open window, for no hours are known. `none`: nothing was used.
 */
export type ForecastBasis = "pattern" | "recent" | "window" | "none";

export interface Forecast {
  /** Null where the window has no end. */
  readonly expectedAtReset: number | null;
  /** Unix ms at which the limit is reached, before the window ends and within a year; null = it is not. */
  readonly exhaustedAt: number | null;
  readonly basis: ForecastBasis;
}

export type Forecaster = (question: ForecastQuestion) => Forecast;

/** So far back hours are of use. ms */
export const FORECAST_HISTORY: number = 28 * 24 * 3_600_000;
