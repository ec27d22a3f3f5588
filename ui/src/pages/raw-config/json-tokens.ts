// A line of JSON as coloured pieces. No text of JSON goes over the end of a line, so that a line can be read alone.

export interface Token {
  readonly kind: "name" | "string" | "number" | "word" | "sign" | "other";
  readonly text: string;
}

const PIECES = /("(?:[^"\\]|\\.)*"?)(\s*:)?|(-?\d[\d.eE+-]*)|(true|false|null)\b|([{}[\],:])|(\s+|[^\s"{}[\],:]+)/g;
/** Of very long lines the rest stays without colours. */
const MOST = 4_000;

export function tokensOf(line: string): Token[] {
  const tokens: Token[] = [];
  const add = (kind: Token["kind"], text: string | undefined) => {
    if (text !== undefined && text !== "") tokens.push({ kind, text });
  };
  for (const [, text, colon, number, word, sign, other] of line.slice(0, MOST).matchAll(PIECES)) {
    add(colon === undefined ? "string" : "name", text);
    add("sign", colon);
    add("number", number);
    add("word", word);
    add("sign", sign);
    add("other", other);
  }
  add("other", line.slice(MOST));
  return tokens;
}
