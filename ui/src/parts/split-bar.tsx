// How traffic is split: handles that are dragged or moved by keys, and the same as numbers that are typed; always 100 %.
import { useRef } from "preact/hooks";
import { chartColors } from "../lib/colors.ts";
import { moveHandle, setShare } from "../lib/split.ts";

export interface SplitPart {
  readonly name: string;
  /** Whole percents; all parts together 100. `sharesOf` of lib/split.ts makes them from weights. */
  readonly share: number;
}

export interface SplitBarFacts {
  readonly label: string;
  readonly parts: readonly SplitPart[];
  readonly onChange: (shares: number[]) => void;
  readonly disabled?: boolean;
}

const KEYS: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowUp: 1,
  ArrowLeft: -1,
  ArrowDown: -1,
  PageUp: 10,
  PageDown: -10,
  Home: -100,
  End: 100,
};

export function SplitBar({ label, parts, onChange, disabled = false }: SplitBarFacts) {
  const bar = useRef<HTMLDivElement>(null);
  const shares = parts.map((part) => part.share);
  const colors = chartColors(parts.map((part) => part.name));
  const edges = shares.map((_, index) => shares.slice(0, index + 1).reduce((sum, share) => sum + share, 0));

  const drag = (event: PointerEvent, index: number) => {
    const width = bar.current?.clientWidth ?? 0;
    if (disabled || width === 0 || !(event.currentTarget instanceof HTMLElement)) return;
    const handle = event.currentTarget;
    const from = event.clientX;
    handle.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent) => onChange(moveHandle(shares, index, ((moved.clientX - from) / width) * 100));
    const end = () => handle.removeEventListener("pointermove", move);
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", end, { once: true });
  };
  const press = (event: KeyboardEvent, index: number) => {
    const step = KEYS[event.key];
    if (step === undefined || disabled) return;
    event.preventDefault();
    onChange(moveHandle(shares, index, step));
  };
  return (
    <div class="split" role="group" aria-label={label}>
      <div class="split-bar" ref={bar}>
        {parts.map((part, index) => (
          <div
            key={part.name}
            class="split-part"
            style={{ width: `${part.share}%`, "--part": colors[index] }}
            hidden={part.share === 0}
          >
            {part.share >= 8 && <span class="clip">{`${part.name} ${part.share} %`}</span>}
          </div>
        ))}
        {parts.slice(0, -1).map((part, index) => (
          <div
            key={part.name}
            class="split-handle"
            style={{ left: `${edges[index]}%` }}
            role="slider"
            tabIndex={disabled ? -1 : 0}
            aria-label={`Between ${part.name} and ${parts[index + 1]?.name}`}
            aria-valuemin={0}
            aria-valuemax={part.share + (parts[index + 1]?.share ?? 0)}
            aria-valuenow={part.share}
            aria-valuetext={`${part.name} ${part.share} %, ${parts[index + 1]?.name} ${parts[index + 1]?.share} %`}
            aria-disabled={disabled}
            onPointerDown={(event) => drag(event, index)}
            onKeyDown={(event) => press(event, index)}
          />
        ))}
      </div>
      <div class="split-list">
        {parts.map((part, index) => (
          <label key={part.name} class="split-entry">
            <span class="swatch" style={{ "--tone": colors[index] }} />
            <span class="clip grow">{part.name}</span>
            <span class="input-line">
              <input
                class="input"
                type="number"
                min={0}
                max={100}
                value={part.share}
                disabled={disabled}
                aria-label={`Share of ${part.name} in percent`}
                onChange={(event) => onChange(setShare(shares, index, Number(event.currentTarget.value) || 0))}
              />
              <span class="unit">%</span>
            </span>
          </label>
        ))}
      </div>
    </div>
  );
}
