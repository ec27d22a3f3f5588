// The words that packed rows name by numbers: stored once for each dictionary, with the first row that may need them.
import { randomInt } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { WordList, type Words } from "../../core/record-words.ts";

/** Dictionaries come at random: several processes may write one log. */
const MOST_DICTIONARIES = 2 ** 47;

/** A loop's dictionary, as far as it was told, and how much of it is stored. */
export class LogDictionary {
  readonly id = randomInt(MOST_DICTIONARIES);
  readonly words = new WordList();
  /** Words of the transaction under way count. */
  stored = 0;
  /** Words that a commit made lasting. */
  committed = 0;
}

/** Stores words over one connection. */
export class WordTable {
  readonly #insert: StatementSync;
  #changed: LogDictionary[] = [];

  constructor(database: DatabaseSync) {
    // A word that is there already was written before a failure that was only reported.
    this.#insert = database.prepare("INSERT INTO log_words VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
  }

  /** Stores what a dictionary has learned, in the transaction under way. */
  add(dictionary: LogDictionary): void {
    const { id, words } = dictionary;
    if (dictionary.stored === words.size) return;
    this.#changed.push(dictionary);
    for (let number = dictionary.stored; number < words.size; number++) this.#insert.run(id, number, words.get(number));
    dictionary.stored = words.size;
  }

  /** The transaction is over. */
  done(isCommitted: boolean): void {
    for (const dictionary of this.#changed) {
      if (isCommitted) dictionary.committed = dictionary.stored;
      else dictionary.stored = dictionary.committed;
    }
    this.#changed = [];
  }
}

/** Words that are remembered: of so many dictionaries no more than a few are looked at in a row. */
const MOST_REMEMBERED = 64;

/** Looks words up over one connection. */
export class StoredWords {
  readonly #find: StatementSync;
  readonly #known = new Map<number, Words>();

  constructor(database: DatabaseSync) {
    this.#find = database.prepare("SELECT word FROM log_words WHERE dictionary = ? AND number = ?");
  }

  of(dictionary: number): Words {
    let words = this.#known.get(dictionary);
    if (words !== undefined) return words;
    const found = new Map<number, string>();
    words = { get: (number) => this.#word(dictionary, number, found) };
    if (this.#known.size >= MOST_REMEMBERED) this.#known.clear();
    this.#known.set(dictionary, words);
    return words;
  }

  /** Words never change, so what was found once is right. */
  #word(dictionary: number, number: number, found: Map<number, string>): string {
    let word = found.get(number);
    if (word !== undefined) return word;
    word = this.#find.get(dictionary, number)?.["word"] as string | undefined;
    if (word === undefined) throw new RangeError(`no word ${number} in the dictionary of the row`);
    found.set(number, word);
    return word;
  }
}
