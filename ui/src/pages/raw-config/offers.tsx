// The list that opens at the cursor of the editor.
import type { Offer } from "./schema-words.ts";

export interface OffersFacts {
  readonly offers: readonly Offer[];
  readonly active: number;
  /** Columns from the left, px from the top. */
  readonly left: number;
  readonly top: number;
  /** px that the text is moved sideways. */
  readonly scrolled: number;
  readonly onTake: (offer: Offer) => void;
}

/** So many are drawn around the active one. */
const SHOWN = 8;

export function Offers({ offers, active, left, top, scrolled, onTake }: OffersFacts) {
  const first = Math.max(0, Math.min(active - SHOWN + 2, offers.length - SHOWN));
  const chosen = offers[active];
  return (
    <div
      class="offers"
      style={{ top: `${top}px`, left: `min(calc(${left}ch + 8px - ${scrolled}px), calc(100% - 280px))` }}
    >
      <ul role="listbox" aria-label="What may stand here">
        {offers.slice(first, first + SHOWN).map((offer, index) => (
          <li
            key={offer.label}
            role="option"
            aria-selected={first + index === active}
            onMouseDown={(event) => {
              event.preventDefault();
              onTake(offer);
            }}
          >
            <code class="clip">{offer.label}</code>
          </li>
        ))}
      </ul>
      {chosen !== undefined && chosen.about !== "" && <p class="soft small">{chosen.about}</p>}
      <p class="unseen" role="status">
        {chosen === undefined ? "" : `${chosen.label}, ${active + 1} of ${offers.length}`}
      </p>
    </div>
  );
}
