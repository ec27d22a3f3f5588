// Remembers what a costly function of a text gave: for texts that come again and again.

/** The same function; up to `most` answers are kept, then it begins anew. */
export function remember<T>(most: number, work: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const made = work(text);
    if (known.size >= most) known.clear();
    known.set(text, made);
    return made;
  };
}
