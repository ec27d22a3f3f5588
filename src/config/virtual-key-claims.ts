// Names, ids and secrets belong to one virtual key alone: notes them while keys are read, and refuses those that stand twice.
import type { VirtualKeyEntity } from "../core/entities.ts";
import { placeOf } from "../lib/json-text/places.ts";
import type { ConfigDocument } from "./document.ts";
import { EqualTexts } from "./equal-texts.ts";

type Claim = "valueHash" | "name" | "id";
type Claims = Pick<VirtualKeyEntity, Claim>;

/** Where a claim stands: the first of these members that the key has, else the key itself. */
const MEMBERS: Readonly<Record<Claim, readonly string[]>> = {
  valueHash: ["value", "virtual_key"],
  name: ["name", "value", "virtual_key"],
  id: ["id"],
};
/** Equal secrets often are equal names and ids too: of these only the first is told. */
const ORDER = ["valueHash", "name", "id"] as const;

export class VirtualKeyClaims {
  readonly #claims: Claims[] = [];
  readonly #places: number[] = [];
  readonly #texts: Readonly<Record<Claim, EqualTexts>> = {
    valueHash: new EqualTexts(),
    name: new EqualTexts(),
    id: new EqualTexts(),
  };

  /** `config` is the key as it was written, `index` its place in the list. */
  note(index: number, config: object, claims: Claims): void {
    this.#claims[index] = claims;
    this.#places[index] = placeOf(config);
    for (const claim of ORDER) this.#texts[claim].note(claims[claim], index);
  }

  /** Messages name the place, never the secret. */
  refuseEqual(document: ConfigDocument): void {
    const told = new Set<number>();
    for (const claim of ORDER) {
      for (const group of this.#texts[claim].candidates()) {
        const first = new Map<string, number>();
        for (const index of group) {
          const text = this.#claims[index]![claim];
          const other = first.get(text);
          if (other === undefined) first.set(text, index);
          else if (!told.has(index)) {
            told.add(index);
            this.#refuse(document, claim, index, other);
          }
        }
      }
    }
  }

  #refuse(document: ConfigDocument, claim: Claim, index: number, other: number): void {
    const what = claim === "valueHash" ? "secret" : claim;
    document.refuse(
      document.valueIn(this.#places[index]!, MEMBERS[claim]),
      "duplicate",
      `governance.virtual_keys[${index}] has the same ${what} as governance.virtual_keys[${other}]`,
      { remedy: "Every virtual key needs its own." },
    );
  }
}
