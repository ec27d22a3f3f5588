// Finds what was meant by a few letters: every letter in order, the better the closer to beginnings of words.

/** How well `text` fits `query`; 0 = not at all. Without a query everything fits alike. */
export function fit(query: string, text: string): number {
  const wanted = query.trim().toLowerCase();
  const given = text.toLowerCase();
  if (wanted === "") return 1;
  const at = given.indexOf(wanted);
  if (at === 0) return 100;
  if (at > 0) return isStart(given, at) ? 80 : 60;
  return scattered(wanted.replaceAll(" ", ""), given);
}

/** The letters one after another, not necessarily side by side. */
function scattered(wanted: string, given: string): number {
  let at = -1;
  let score = 0;
  for (const letter of wanted) {
    const next = given.indexOf(letter, at + 1);
    if (next < 0) return 0;
    score += isStart(given, next) ? 3 : next === at + 1 ? 2 : 0;
    at = next;
  }
  return Math.max(1, Math.min(50, (score / (wanted.length * 3)) * 50));
}

function isStart(text: string, at: number): boolean {
  return at === 0 || /[\s/_.:-]/.test(text[at - 1] ?? "");
}

/** The best `most` of `items`, the best first; those that fit alike keep their order. */
export function rank<T>(query: string, items: readonly T[], textOf: (item: T) => string, most = 50): T[] {
  return items
    .map((item, index) => ({ item, index, score: fit(query, textOf(item)) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, most)
    .map(({ item }) => item);
}
