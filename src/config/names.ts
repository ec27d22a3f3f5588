// What the name of a provider, a key or a virtual key may be: it stands in headers, paths, metrics and lines of the log.

/** Longest name, bytes of UTF-8: a model is asked for as `provider/model`, and a name is told in a header of each answer. */
const LONGEST = 256;
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x1f\x7f-\x9f]/;

/** What is wrong with a name, as the end of a sentence; null = nothing. */
export function nameProblem(name: string): string | null {
  if (name.length * 3 > LONGEST && Buffer.byteLength(name) > LONGEST) return `is longer than ${LONGEST} bytes`;
  return CONTROL.test(name) ? "holds control characters, such as line ends" : null;
}
