// The way of a request through the providers, a chip for each try.
import { type ChipAttempt, chipsOf } from "../lib/route-chips.ts";
import { Icon } from "./icon.tsx";

const SIGNS = { good: "check", bad: "cross", info: "clock", off: "minus" } as const;

export interface RouteChipsFacts {
  readonly attempts: readonly ChipAttempt[];
  /** The request is under way. */
  readonly isRunning?: boolean;
}

export function RouteChips({ attempts, isRunning = false }: RouteChipsFacts) {
  const { chips, hidden } = chipsOf(attempts, isRunning);
  return (
    <span class="route-chips">
      {chips.map((chip, at) => (
        <>
          {at > 0 && (
            <span class="faint" aria-hidden="true">
              {at === 1 && hidden > 0 ? `+${hidden}` : "→"}
            </span>
          )}
          <span key={chip.index} class={`route-chip ${chip.tone}`} title={chip.title}>
            <Icon name={SIGNS[chip.tone]} size={12} />
            <span class="clip">{chip.word === "" ? chip.provider : `${chip.provider} ${chip.word}`}</span>
          </span>
        </>
      ))}
    </span>
  );
}
