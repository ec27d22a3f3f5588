// Finds the names that someone may have meant: edit distance with a bound, so that nonsense suggests nothing.

/** Longest name that is compared; a longer one is nobody's typing error. */
const LONGEST = 200;

/** Edits (insert, delete, replace, swap neighbours) from `a` to `b`; more than `limit` is told as `limit + 1`. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    let best = row;
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, beforeLast[column - 2]! + 1);
      }
      current.push(cost);
      best = Math.min(best, cost);
    }
    if (best > limit) return limit + 1;
    beforeLast = last;
    last = current;
  }
  return Math.min(last[b.length]!, limit + 1);
}

/** Case, hyphens, underscores, dots and spaces are what people mix up first: they count as nothing here. */
function folded(name: string): string {
  return name.toLowerCase().replaceAll(/[-_. ]/g, "");
}

/**
 * At most `count` of `names`, nearest first, ties in their order; none when nothing is near (two fifths of the length, at
 * least 1 and at most 4 edits). A name that begins with the asked one, or the other way round, comes last.
 */
export function nearestNames(asked: string, names: Iterable<string>, count: number): string[] {
  if (asked.length === 0 || asked.length > LONGEST) return [];
  const target = folded(asked);
  const limit = Math.min(4, Math.max(1, Math.floor(target.length * 0.4)));
  const found: { name: string; distance: number }[] = [];
  for (const name of new Set(names)) {
    if (name.length > LONGEST) continue;
    const other = folded(name);
    let distance = editDistance(target, other, limit);
    const isPrefix =
      Math.min(target.length, other.length) >= 3 && (other.startsWith(target) || target.startsWith(other));
    // behind every name that is really near
    if (distance > limit && isPrefix) distance = limit + 0.5;
    if (distance < limit + 1) found.push({ name, distance });
  }
  return found
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map((entry) => entry.name);
}

/** The nearest name, or undefined when nothing is near. */
export function nearestName(asked: string, names: Iterable<string>): string | undefined {
  return nearestNames(asked, names, 1)[0];
}
