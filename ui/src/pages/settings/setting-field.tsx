// One setting: its control, where its value is from, its default, and for what the file alone has the text to paste.
import { useState } from "preact/hooks";
import { Button } from "../../parts/button.tsx";
import { CodeBlock } from "../../parts/code-block.tsx";
import { type ControlIds, Field } from "../../parts/field.tsx";
import { Select } from "../../parts/select.tsx";
import { Badge, Locked } from "../../parts/status.tsx";
import { Switch } from "../../parts/switch.tsx";
import { defaultWords, originDetail, patchText, type Setting, textOf } from "./settings-form.ts";

export interface SettingFieldFacts {
  readonly setting: Setting;
  /** Undefined: as it holds. */
  readonly draft: string | undefined;
  readonly error: string | undefined;
  readonly onDraft: (text: string) => void;
}

export function SettingField({ setting, draft, error, onDraft }: SettingFieldFacts) {
  const { locked, path } = setting;
  const [isOpen, setOpen] = useState(false);
  const isFixed = locked !== undefined && !isOpen;
  return (
    <div class="setting" data-path={path} data-changed={draft !== undefined}>
      <div class="setting-words">
        <h3>{setting.title}</h3>
        <p class="soft small">{setting.description}</p>
        <p class="setting-facts">
          <code class="faint">{path}</code>
          <Origin setting={setting} />
          {setting.restart_required === true && <Badge tone="warn">needs a restart</Badge>}
        </p>
      </div>
      <div class="setting-control">
        {isFixed ? (
          <div class="row apart">
            <FixedValue setting={setting} />
            <Button small icon="edit" label={`Change ${setting.title}`} onClick={() => setOpen(true)}>
              Change
            </Button>
          </div>
        ) : (
          <>
            <Control setting={setting} text={draft ?? shownText(setting)} error={error} onDraft={onDraft} />
            <Below setting={setting} draft={draft} onDraft={onDraft} />
          </>
        )}
        {locked !== undefined && isOpen && <Patch setting={setting} text={draft ?? textOf(setting.value)} />}
      </div>
    </div>
  );
}

function Origin({ setting }: { readonly setting: Setting }) {
  const { origin, locked } = setting;
  const detail = originDetail(origin);
  if (locked !== undefined)
    return (
      <>
        {origin.type !== "file" && <Badge>{origin.type === "env" ? (detail ?? "environment") : "default"}</Badge>}
        <Locked file={locked.file} {...(locked.line > 0 ? { line: locked.line } : {})} />
      </>
    );
  if (origin.type === "file" || origin.type === "env")
    return <span class={`badge origin-${origin.type}`}>{detail ?? origin.type}</span>;
  return <span class={`badge origin-${origin.type}`}>{origin.type === "saved" ? "saved here" : "default"}</span>;
}

/** A secret is never here: only whether there is one. */
function shownText({ type, value }: Setting): string {
  if (type === "secret") return typeof value === "string" && value.startsWith("env.") ? value : "";
  return textOf(value);
}

function FixedValue({ setting }: { readonly setting: Setting }) {
  const { type, value, unit } = setting;
  if (value === null || value === "" || (Array.isArray(value) && value.length === 0))
    return <span class="faint">nothing</span>;
  if (type === "boolean") return <span>{value === true ? "on" : "off"}</span>;
  if (type === "secret" && shownText(setting) === "") return <span class="soft">set, not shown</span>;
  return (
    <span class="setting-value">
      {textOf(value)}
      {unit !== undefined && <span class="faint"> {unit}</span>}
    </span>
  );
}

interface ControlFacts {
  readonly setting: Setting;
  readonly text: string;
  readonly error: string | undefined;
  readonly onDraft: (text: string) => void;
}

function Control({ setting, text, error, onDraft }: ControlFacts) {
  const { type, title, enum: choices, unit } = setting;
  if (type === "boolean")
    return (
      <>
        <Switch label={title} quiet on={text === "true"} onChange={(on) => onDraft(String(on))} />
        {error !== undefined && (
          <p class="field-error" role="alert">
            {error}
          </p>
        )}
      </>
    );
  if (choices !== undefined)
    return (
      <div class="setting-bare">
        <Select
          label={title}
          value={text}
          options={choices.map((choice) => ({ value: String(choice), label: String(choice) }))}
          onChange={onDraft}
          error={error}
        />
      </div>
    );
  const isHidden = type === "secret" && !text.startsWith("env.");
  const typed = (event: { readonly currentTarget: { readonly value: string } }) => onDraft(event.currentTarget.value);
  const common = (ids: ControlIds) => ({ ...ids, value: text, spellcheck: false, autoComplete: "off", onInput: typed });
  return (
    <div class="setting-bare">
      <Field label={title} error={error} hint={type === "list" ? "One a line." : undefined}>
        {(ids) =>
          type === "list" ? (
            <textarea {...common(ids)} class="input mono" rows={Math.min(8, Math.max(2, text.split("\n").length))} />
          ) : (
            <span class="input-line">
              <input
                {...common(ids)}
                class="input"
                {...({ type: isHidden ? "password" : "text" } as { type: "text" })}
                inputMode={type === "integer" ? "numeric" : "text"}
                placeholder={placeholder(setting)}
              />
              {unit !== undefined && <span class="unit">{unit}</span>}
            </span>
          )
        }
      </Field>
    </div>
  );
}

function placeholder({ type, value }: Setting): string {
  if (type !== "secret") return "";
  return value === null || value === "" ? "Nothing is set" : "Set. Type another one to replace it";
}

/** The default, and the way back to it. */
function Below({ setting, draft, onDraft }: Pick<SettingFieldFacts, "setting" | "draft" | "onDraft">) {
  const standard = textOf(setting.default);
  const isSecret = setting.type === "secret";
  const isStandard = isSecret
    ? setting.value === null || setting.value === "" || draft === ""
    : (draft ?? textOf(setting.value)) === standard;
  return (
    <p class="setting-below faint small">
      <span>Default: {defaultWords(setting)}</span>
      {range(setting)}
      {!isStandard && (
        <Button small kind="bare" onClick={() => onDraft(standard)}>
          {isSecret ? "Remove it" : "Use the default"}
        </Button>
      )}
    </p>
  );
}

function range({ minimum, maximum }: Setting) {
  if (minimum === undefined && maximum === undefined) return null;
  if (maximum === undefined) return <span>at least {minimum}</span>;
  return (
    <span>
      {minimum ?? 0} to {maximum}
    </span>
  );
}

function Patch({ setting, text }: { readonly setting: Setting; readonly text: string }) {
  const { file, line } = setting.locked ?? { file: "config.json", line: 0 };
  return (
    <div class="stack-tight">
      <p class="small soft">
        {line > 0 ? `Change line ${line} of ${file} to this` : `Write this into ${file}`} and start the gateway again.
      </p>
      <CodeBlock code={patchText(setting, text)} label={`Text for ${file}`} />
    </div>
  );
}
