// Fields beside the conversation: as whom, streamed or not, system prompt, limits, tools.
import { useState } from "preact/hooks";
import { TextField } from "../../parts/field.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Switch } from "../../parts/switch.tsx";
import { settings } from "./conversation.ts";
import { KeyPicker } from "./key-picker.tsx";
import { readTools, type Settings, settingErrors } from "./request-body.ts";

const SAMPLE_TOOLS = `[
  {
    "type": "function",
    "function": {
      "name": "get_weather",
      "parameters": {
        "type": "object",
        "properties": { "city": { "type": "string" } },
        "required": ["city"]
      }
    }
  }
]`;

function change(changes: Partial<Settings>): void {
  settings.value = { ...settings.peek(), ...changes };
}

export function SettingsPanel({ keyId }: { readonly keyId: string | null }) {
  const [isOpen, setOpen] = useState(false);
  const { isStream, system, temperature, maxTokens, tools } = settings.value;
  const errors = settingErrors(settings.value);
  const count = readTools(tools).tools?.length ?? 0;
  return (
    <section class={`playground-settings${isOpen ? " is-open" : ""}`} aria-label="Settings">
      <button
        type="button"
        class="button playground-settings-switch"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={isOpen ? "up" : "down"} /> Settings
      </button>
      <div class="playground-fields">
        <KeyPicker keyId={keyId} />
        <Switch label="Stream the answer" on={isStream} onChange={(on) => change({ isStream: on })} />
        <TextField
          label="System prompt"
          optional
          rows={3}
          value={system}
          onInput={(text) => change({ system: text })}
          placeholder="You are brief."
        />
        <div class="playground-pair">
          <TextField
            label="Temperature"
            optional
            value={temperature}
            onInput={(text) => change({ temperature: text })}
            error={errors.temperature}
          />
          <TextField
            label="Max tokens"
            optional
            value={maxTokens}
            onInput={(text) => change({ maxTokens: text })}
            error={errors.maxTokens}
          />
        </div>
        <TextField
          label="Tools"
          optional
          mono
          rows={tools === "" ? 3 : 9}
          value={tools}
          onInput={(text) => change({ tools: text })}
          error={errors.tools}
          hint={tools.trim() === "" ? "A JSON list, as in OpenAI’s API." : `${count} ${count === 1 ? "tool" : "tools"}`}
          aside={
            tools === "" ? (
              <button type="button" class="link small" onClick={() => change({ tools: SAMPLE_TOOLS })}>
                Insert a sample
              </button>
            ) : undefined
          }
        />
      </div>
    </section>
  );
}
