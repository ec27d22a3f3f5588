// A field of a form: label, control, hint or error, and where its value comes from.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Icon } from "./icon.tsx";

/** Where a value of the configuration comes from; `detail` is for instance `config.json:14` or a variable's name. */
export interface Origin {
  readonly type: "default" | "file" | "env" | "saved";
  readonly detail?: string;
}

const ORIGIN_WORDS: Readonly<Record<Origin["type"], string>> = {
  default: "default",
  file: "file",
  env: "environment",
  saved: "saved here",
};

export function OriginBadge({ type, detail }: Origin) {
  return (
    <span class={`badge origin-${type}`}>
      {type === "file" && <Icon name="lock" size={12} />}
      {detail === undefined ? ORIGIN_WORDS[type] : detail}
    </span>
  );
}

export interface FieldFacts {
  readonly label: string;
  readonly hint?: ComponentChildren;
  /** What the gateway or this form objects to. */
  readonly error?: string | undefined;
  readonly origin?: Origin | undefined;
  /** Beside the label: a link, a badge. */
  readonly aside?: ComponentChildren;
  readonly optional?: boolean;
}

/** What a control needs to belong to its field. */
export interface ControlIds {
  readonly id: string;
  readonly "aria-describedby": string | undefined;
  readonly "aria-invalid": "true" | undefined;
}

/** A field around any control: `{(ids) => <input {...ids} />}`. */
export function Field({
  label,
  hint,
  error,
  origin,
  aside,
  optional,
  children,
}: FieldFacts & { readonly children: (ids: ControlIds) => ComponentChildren }) {
  const id = useId();
  const hasNote = error !== undefined || hint !== undefined;
  const ids: ControlIds = {
    id,
    "aria-describedby": hasNote ? `${id}-note` : undefined,
    "aria-invalid": error === undefined ? undefined : "true",
  };
  return (
    <div class="field">
      <div class="field-head">
        <label for={id}>{label}</label>
        {optional === true && <span class="faint small">optional</span>}
        {origin !== undefined && <OriginBadge {...origin} />}
        {aside !== undefined && <span class="field-aside">{aside}</span>}
      </div>
      {children(ids)}
      {error !== undefined ? (
        <p class="field-error" id={`${id}-note`} role="alert">
          <Icon name="warning" size={14} />
          <span>{error}</span>
        </p>
      ) : (
        hint !== undefined && (
          <p class="field-hint" id={`${id}-note`}>
            {hint}
          </p>
        )
      )}
    </div>
  );
}

export interface TextFieldFacts extends FieldFacts {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: "text" | "password" | "number" | "search" | "url" | "email";
  readonly placeholder?: string;
  readonly disabled?: boolean;
  readonly required?: boolean;
  readonly autoFocus?: boolean;
  readonly autoComplete?: string;
  readonly name?: string;
  /** Ids, keys and code. */
  readonly mono?: boolean;
  /** More than one: a text area. */
  readonly rows?: number;
  /** Behind the value: `ms`, `USD`. */
  readonly unit?: string;
}

/** A field for text or a number. */
export function TextField(facts: TextFieldFacts) {
  const { value, onInput, type = "text", mono = false, rows = 1, unit, autoComplete = "off" } = facts;
  const common = {
    class: `input${mono ? " mono" : ""}`,
    value,
    placeholder: facts.placeholder,
    disabled: facts.disabled,
    required: facts.required,
    name: facts.name,
    autoComplete,
    spellcheck: false,
  };
  return (
    <Field {...facts}>
      {(ids) =>
        rows > 1 ? (
          <textarea {...common} {...ids} rows={rows} onInput={(event) => onInput(event.currentTarget.value)} />
        ) : (
          <span class="input-line">
            <input
              {...common}
              {...ids}
              {...({ type } as { type: "text" })}
              autofocus={facts.autoFocus}
              onInput={(event) => onInput(event.currentTarget.value)}
            />
            {unit !== undefined && <span class="unit">{unit}</span>}
          </span>
        )
      }
    </Field>
  );
}
