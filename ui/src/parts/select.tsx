// Chooses one of many: a button that opens a list, with a search where the list is long.
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { rank } from "../lib/rank.ts";
import { Field, type FieldFacts } from "./field.tsx";
import { Icon } from "./icon.tsx";

export interface Option {
  readonly value: string;
  readonly label: string;
  /** At the right, in grey. */
  readonly hint?: string;
  readonly disabled?: boolean;
}

export interface SelectFacts extends FieldFacts {
  readonly value: string;
  readonly options: readonly Option[];
  readonly onChange: (value: string) => void;
  readonly placeholder?: string;
  readonly disabled?: boolean;
  /** Absent: from nine options on. */
  readonly searchable?: boolean;
  /** Asked for options as the reader types: lists too long to be loaded whole. */
  readonly onSearch?: (text: string) => void;
  /** Takes what is typed and is in no list. */
  readonly allowOther?: boolean;
}

/** A field that chooses. */
export function Select(facts: SelectFacts) {
  return (
    <Field {...facts}>
      {(ids) => (
        <Picker {...facts} id={ids.id} describedBy={ids["aria-describedby"]} invalid={ids["aria-invalid"] === "true"} />
      )}
    </Field>
  );
}

export type PickerFacts = Omit<SelectFacts, keyof FieldFacts> & {
  readonly label: string;
  readonly id?: string;
  readonly describedBy?: string | undefined;
  readonly invalid?: boolean;
};

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };

/** The control alone; `label` names it for readers aloud when no Field does. */
export function Picker(facts: PickerFacts) {
  const { value, options, onChange, placeholder = "Choose", label } = facts;
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const own = useId();
  const id = facts.id ?? own;
  const chosen = options.find((option) => option.value === value);
  const close = (isFocused: boolean) => {
    setOpen(false);
    if (isFocused) button.current?.focus();
  };
  return (
    <div class="picker">
      <button
        ref={button}
        type="button"
        id={id}
        class="input picker-button"
        disabled={facts.disabled === true}
        aria-haspopup="listbox"
        aria-expanded={isOpen}
        aria-label={facts.id === undefined ? `${label}: ${chosen?.label ?? (value || placeholder)}` : undefined}
        aria-describedby={facts.describedBy}
        data-invalid={facts.invalid === true ? "true" : undefined}
        onClick={() => setOpen(!isOpen)}
        onKeyDown={(event) => {
          if (isOpen || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        <span class={`clip${value === "" ? " faint" : ""}`}>
          {chosen?.label ?? (value === "" ? placeholder : value)}
        </span>
        <Icon name="updown" size={14} />
      </button>
      {isOpen && (
        <OptionList
          facts={facts}
          onPick={(picked) => {
            onChange(picked);
            close(true);
          }}
          onClose={close}
        />
      )}
    </div>
  );
}

interface ListFacts {
  readonly facts: PickerFacts;
  readonly onPick: (value: string) => void;
  /** `isFocused`: the button gets the focus back. */
  readonly onClose: (isFocused: boolean) => void;
}

function OptionList({ facts, onPick, onClose }: ListFacts) {
  const { options, value, label, onSearch } = facts;
  const [text, setText] = useState("");
  const hasSearch = facts.searchable ?? (options.length > 8 || onSearch !== undefined || facts.allowOther === true);
  const found = listed(options, text, facts);
  const [active, setActive] = useState(() =>
    Math.max(
      0,
      options.findIndex((option) => option.value === value),
    ),
  );
  const box = useRef<HTMLDivElement>(null);
  const [isUp, setUp] = useState(false);
  const id = useId();
  useLayoutEffect(() => setUp(opensUp(box.current)), []);
  useEffect(() => {
    box.current?.querySelector<HTMLElement>("[data-focus]")?.focus();
    const outside = (event: PointerEvent) => {
      if (event.target instanceof Node && box.current?.parentElement?.contains(event.target) !== true) onClose(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, []);
  useEffect(() => {
    document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const pick = (option: Option | undefined) => {
    if (option !== undefined && option.disabled !== true) onPick(option.value);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step !== undefined) setActive(Math.max(0, Math.min(found.length - 1, active + step)));
    else if (event.key === "Enter" || (event.key === " " && !hasSearch)) pick(found[active]);
    else if (event.key === "Escape") onClose(true);
    else if (event.key === "Tab") return onClose(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const common = {
    "data-focus": true,
    "aria-activedescendant": found.length === 0 ? undefined : `${id}-${active}`,
    "aria-controls": id,
  };
  return (
    <div class={`popup${isUp ? " up" : ""}`} ref={box} onKeyDown={onKeyDown}>
      {hasSearch && (
        <div class="popup-search">
          <input
            {...common}
            class="input"
            role="combobox"
            aria-expanded="true"
            aria-label={`Search ${label}`}
            placeholder="Search"
            value={text}
            autoComplete="off"
            spellcheck={false}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setActive(0);
              onSearch?.(event.currentTarget.value);
            }}
          />
        </div>
      )}
      <div
        class="popup-list"
        role="listbox"
        id={id}
        aria-label={label}
        tabIndex={hasSearch ? -1 : 0}
        {...(hasSearch ? {} : { "data-focus": true, "aria-activedescendant": common["aria-activedescendant"] })}
      >
        {found.map((option, index) => (
          <div
            key={option.value}
            id={`${id}-${index}`}
            class="option"
            role="option"
            aria-selected={option.value === value}
            aria-disabled={option.disabled === true ? "true" : undefined}
            data-active={index === active}
            onPointerMove={() => setActive(index)}
            onClick={() => pick(option)}
          >
            <span class="tick">{option.value === value && <Icon name="check" size={14} />}</span>
            <span class="clip">{option.label}</span>
            {option.hint !== undefined && <span class="option-hint clip">{option.hint}</span>}
          </div>
        ))}
      </div>
      {found.length === 0 && <p class="command-none soft">Nothing fits “{text}”.</p>}
    </div>
  );
}

/** Above the button, where below it there is no room and above there is more. */
function opensUp(popup: HTMLElement | null): boolean {
  const button = popup?.parentElement?.getBoundingClientRect();
  if (popup === null || button === undefined) return false;
  const bar = document.querySelector(".bottom-bar")?.clientHeight ?? 0;
  const below = window.innerHeight - bar - button.bottom;
  return below < popup.offsetHeight + 8 && button.top > below;
}

function listed(options: readonly Option[], text: string, { onSearch, allowOther }: PickerFacts): readonly Option[] {
  const found = onSearch === undefined ? rank(text, options, (option) => option.label, 200) : options;
  const isOther = allowOther === true && text.trim() !== "" && !found.some((option) => option.value === text.trim());
  return isOther ? [...found, { value: text.trim(), label: `Use “${text.trim()}”` }] : found;
}
