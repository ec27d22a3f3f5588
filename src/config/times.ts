// Reads points in time as files and the API write them.

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** Unix ms; null when the text is no time. */
export function parseTime(text: string): number | null {
  const time = RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
