// Estimates what a request will use before it is sent, from what requests of this key and model have used lately.

import { mediaTokens } from "../core/media.ts";
import type { MediaCount, RequestSize, TargetPrice } from "../core/request-size.ts";
import { LearnedQuantile } from "./learned-quantile.ts";

/** Tokens of a byte of text, before anything was learned. */
const TOKENS_PER_BYTE = 0.25;
/** Tokens of an answer, before enough were seen. */
const OUTPUT_BEFORE = 1024;
const ENOUGH_ANSWERS = 20;
/** One answer in ten is longer. */
const OUTPUT_PART = 0.9;
const MOST_REMEMBERED = 10_000;

export interface Estimate {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Nano-dollars; null = no price. */
  readonly cost: number | null;
}

/** What an answered request used, as it was billed. */
export interface Answered {
  readonly textBytes: number;
  readonly media: readonly MediaCount[];
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  /** What the input cost, cached and written tokens at their prices; null = not known. */
  readonly inputCost: number | null;
  readonly n: number;
}

/** What was learned of one key and model. */
interface Learned {
  readonly tokensPerByte: LearnedQuantile;
  readonly costPerByte: LearnedQuantile;
  readonly output: LearnedQuantile;
}

/** What estimates of one key's requests to one model are made from: found once and kept beside its levels. */
export interface LearnedHere {
  readonly ofKey: Learned | null;
  readonly ofModel: Learned;
}

/** From so many answers on, only each so-many-th teaches what holds for all keys of a model: its own key has learned it before. */
const WELL_KNOWN = 256;
const TEACHES_ALL = 8;

function nothingLearned(): Learned {
  return {
    tokensPerByte: new LearnedQuantile(0.5),
    costPerByte: new LearnedQuantile(0.5),
    output: new LearnedQuantile(OUTPUT_PART),
  };
}

/** A bounded memory: what was used least lately goes first. */
class Remembered {
  #recent = new Map<string, Learned>();
  #older = new Map<string, Learned>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = Math.ceil(most / 2);
  }

  find(id: string): Learned | undefined {
    const recent = this.#recent.get(id);
    if (recent !== undefined) return recent;
    const older = this.#older.get(id);
    if (older !== undefined) this.#keep(id, older);
    return older;
  }

  findOrMake(id: string): Learned {
    const known = this.find(id);
    if (known !== undefined) return known;
    const made = nothingLearned();
    this.#keep(id, made);
    return made;
  }

  #keep(id: string, learned: Learned): void {
    if (this.#recent.size >= this.#most) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(id, learned);
  }

  get size(): number {
    return this.#recent.size + this.#older.size;
  }
}

export class Estimator {
  readonly #byKey: Remembered;
  readonly #byModel: Remembered;

  constructor(most: number = MOST_REMEMBERED) {
    this.#byKey = new Remembered(most);
    this.#byModel = new Remembered(most);
  }

  /** Kept in memory at most twice `most`. */
  get size(): number {
    return this.#byKey.size + this.#byModel.size;
  }

  /** Made where nothing was learned yet. `model`: provider and model, as prices are found. */
  here(keyId: string | null, model: string): LearnedHere {
    return {
      ofKey: keyId === null ? null : this.#byKey.findOrMake(`${keyId} ${model}`),
      ofModel: this.#byModel.findOrMake(model),
    };
  }

  estimate({ ofKey, ofModel }: LearnedHere, size: RequestSize, price: TargetPrice): Estimate {
    const media = size.media.length === 0 ? 0 : mediaTokens(size.media);
    const perByte = valueOf(ofKey?.tokensPerByte) ?? valueOf(ofModel.tokensPerByte) ?? TOKENS_PER_BYTE;
    const inputTokens = Math.ceil(size.textBytes * perByte) + media;
    const outputTokens = outputOf(ofKey, ofModel, size);
    const costPerByte = valueOf(ofKey?.costPerByte) ?? valueOf(ofModel.costPerByte);
    const priced = price.cost(costPerByte === null ? inputTokens : media, outputTokens);
    const cost = priced === null ? null : Math.ceil(priced + size.textBytes * (costPerByte ?? 0));
    return { inputTokens, outputTokens, cost };
  }

  learn({ ofKey, ofModel }: LearnedHere, answered: Answered): void {
    if (ofKey !== null) learnInto(ofKey, answered);
    const { count } = ofModel.output;
    if (ofKey === null || count < WELL_KNOWN || ofKey.output.count % TEACHES_ALL === 0) learnInto(ofModel, answered);
  }
}

function valueOf(learned: LearnedQuantile | undefined): number | null {
  return learned === undefined || learned.count === 0 ? null : learned.value;
}

function outputOf(ofKey: Learned | null, ofModel: Learned, { maxTokens, n }: RequestSize): number {
  const learned = knowsOutput(ofKey) ? ofKey : ofModel;
  const expected = knowsOutput(learned) ? Math.ceil(learned.output.value) : OUTPUT_BEFORE;
  return Math.min(expected, maxTokens ?? Number.POSITIVE_INFINITY) * n;
}

function knowsOutput(learned: Learned | null): learned is Learned {
  return learned !== null && learned.output.count >= ENOUGH_ANSWERS;
}

/** Requests with media teach nothing of text: what their input cost is not told apart. */
function learnInto(learned: Learned, { textBytes, media, inputTokens, outputTokens, inputCost, n }: Answered): void {
  if (outputTokens !== null) learned.output.learn(Math.max(1, outputTokens / Math.max(1, n)));
  if (media.length > 0 || textBytes <= 0) return;
  if (inputTokens !== null) learned.tokensPerByte.learn(inputTokens / textBytes);
  if (inputCost !== null) learned.costPerByte.learn(inputCost / textBytes);
}
