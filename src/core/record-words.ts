// The dictionary of records: words that return often travel once and are numbers afterwards.

/** Names that the configuration gives; beyond them a word travels as text. */
const MAX_OWN = 65_536;
const MAX_OWN_LENGTH = 512;
/** Words that callers bring along (models, user agents): few and short, so that nobody fills our memory with them. */
const MAX_GUESTS = 4096;
const MAX_GUEST_LENGTH = 128;

/** The sender's side: gives words their numbers. */
export class WordTable {
  readonly #numbers = new Map<string, number>();
  readonly #words: string[] = [];
  #guests = 0;
  #sent = 0;

  /** The number of a name out of the configuration or the code; -1 when it has none and gets none. */
  own(word: string): number {
    const known = this.#numbers.get(word);
    if (known !== undefined) return known;
    if (this.#words.length - this.#guests >= MAX_OWN || word.length > MAX_OWN_LENGTH) return -1;
    return this.#add(word);
  }

  /** The number of a word that came with a request; -1 when it has none and gets none. */
  guest(word: string): number {
    const known = this.#numbers.get(word);
    if (known !== undefined) return known;
    if (this.#guests >= MAX_GUESTS || word.length > MAX_GUEST_LENGTH) return -1;
    this.#guests++;
    return this.#add(word);
  }

  /** The words that the other side has not been told yet; told from now on. */
  takeNew(): { firstWord: number; words: string[] } {
    const firstWord = this.#sent;
    this.#sent = this.#words.length;
    return { firstWord, words: this.#words.slice(firstWord) };
  }

  /** The other side began anew and knows nothing. */
  forgetSent(): void {
    this.#sent = 0;
  }

  #add(word: string): number {
    const number = this.#words.length;
    // Flat and well-formed, as it will arrive: a lone surrogate would not survive its way into the store.
    this.#words.push(word.toWellFormed());
    this.#numbers.set(word, number);
    return number;
  }
}

/** What tells the words behind numbers. */
export interface Words {
  /** Throws a RangeError for a number that it does not know. */
  get(number: number): string;
}

/** The receiver's side. */
export class WordList implements Words {
  #words: string[] = [];

  get size(): number {
    return this.#words.length;
  }

  /** Takes new words; `firstWord` 0 begins a new dictionary. Throws when words between are missing. */
  add(firstWord: number, words: readonly string[]): void {
    if (firstWord === 0) this.#words = [];
    if (firstWord !== this.#words.length) {
      throw new RangeError(`dictionary has ${this.#words.length} words, the next ones begin at ${firstWord}`);
    }
    for (const word of words) this.#words.push(word);
  }

  get(number: number): string {
    const word = this.#words[number];
    if (word === undefined) throw new RangeError(`no word ${number} in the dictionary`);
    return word;
  }
}
