// On or off, at once. And a few choices side by side, of which one is taken.
import type { ComponentChildren } from "preact";

export interface SwitchFacts {
  readonly label: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
  readonly disabled?: boolean;
  /** Only readers aloud are told the label: a heading says it to the others. */
  readonly quiet?: boolean;
}

export function Switch({ label, on, onChange, disabled = false, quiet = false }: SwitchFacts) {
  return (
    <button
      type="button"
      class="switch"
      role="switch"
      aria-checked={on}
      aria-label={quiet ? label : undefined}
      disabled={disabled}
      onClick={() => onChange(!on)}
    >
      <span class="switch-track" aria-hidden="true" />
      {!quiet && <span>{label}</span>}
    </button>
  );
}

export interface SegmentsFacts<T extends string> {
  /** What is chosen here, for readers aloud. */
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: ComponentChildren }[];
  readonly onChange: (value: T) => void;
}

export function Segments<T extends string>({ label, value, options, onChange }: SegmentsFacts<T>) {
  return (
    <div class="segments" role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
