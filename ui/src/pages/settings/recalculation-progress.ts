// How far a recalculation of costs has come: rows are looked at from the newest to the oldest or the other way, by time.

/** GET /api/logs/recalculate-cost/status. */
export interface Job {
  readonly status: string;
  readonly started_at?: string;
  readonly ended_at?: string | null;
  readonly start_time?: string | null;
  readonly end_time?: string;
  readonly position?: string | null;
  readonly matched?: number;
  readonly updated?: number;
  readonly unpriced?: number;
  readonly cost_difference?: number;
  readonly error?: string | null;
}

/** From 0 to 1; null = it cannot be told, for where the rows begin is not known. */
export function shareDone({ start_time, end_time, position }: Job): number | null {
  if (start_time == null || end_time === undefined || position == null) return null;
  const start = Date.parse(start_time);
  const whole = Date.parse(end_time) - start;
  if (!(whole > 0)) return null;
  return Math.max(0, Math.min(1, (Date.parse(position) - start) / whole));
}
