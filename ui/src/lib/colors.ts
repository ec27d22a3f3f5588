// The colour of a provider: the same on every chart of every page.

const KNOWN: Readonly<Record<string, number>> = {
  openai: 1,
  anthropic: 2,
  azure: 3,
  bedrock: 6,
  gemini: 7,
  vertex: 5,
  mistral: 4,
  demo: 8,
};

/** A CSS colour for a name; the eight are told apart by colour-blind people too. */
export function chartColor(name: string): string {
  return `var(--chart-${KNOWN[name] ?? (hash(name) % 8) + 1})`;
}

/** Colours for the values of one chart: a value keeps its own where no other one has it before. */
export function chartColors(names: readonly string[]): string[] {
  const taken = new Set<number>();
  return names.map((name) => {
    let number = KNOWN[name] ?? (hash(name) % 8) + 1;
    for (let tries = 0; tries < 8 && taken.has(number); tries++) number = (number % 8) + 1;
    taken.add(number);
    return `var(--chart-${number})`;
  });
}

function hash(text: string): number {
  let sum = 7;
  for (let index = 0; index < text.length; index++) sum = (sum * 31 + text.charCodeAt(index)) >>> 0;
  return sum;
}
