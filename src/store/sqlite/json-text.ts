// JSON text put together by hand: JSON.stringify of a row's lists costs three times as much.

/** Words as JSON text: the same few come in every row. */
const quoted = new Map<string, string>();
const MOST_WORDS = 5_000;

export function quote(word: string): string {
  let text = quoted.get(word);
  if (text !== undefined) return text;
  text = JSON.stringify(word);
  if (quoted.size >= MOST_WORDS) quoted.clear();
  if (word.length <= 200) quoted.set(word, text);
  return text;
}

/** What is no number in JSON is null. */
export function number(value: number | null): string {
  return value === null || !Number.isFinite(value) ? "null" : `${value}`;
}
