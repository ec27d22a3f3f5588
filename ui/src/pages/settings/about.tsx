// The section About: which gateway this is, where its things are, and how these pages look.
import { useResource } from "../../api/resource.ts";
import { ButtonLink } from "../../parts/button.tsx";
import { Facts } from "../../parts/card.tsx";
import { Copyable } from "../../parts/code-block.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { StatusDot } from "../../parts/status.tsx";
import { Segments } from "../../parts/switch.tsx";
import { Time, ZoneSwitch } from "../../parts/time.tsx";
import { setTheme, theme } from "../../shell/theme.ts";
import type { SectionBody } from "./page.tsx";
import { Section } from "./section.tsx";
import type { UiState } from "./ui-state.ts";

interface ConfigFacts {
  readonly is_db_connected: boolean;
  readonly is_logs_connected: boolean;
  readonly restart_required?: { readonly required: boolean; readonly reason: string };
}

const THEMES = [
  { value: "system", label: "System" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
] as const;

export function About({ state }: SectionBody) {
  return (
    <Section id="about" title="About">
      <div class="row settings-looks">
        <div class="stack-tight">
          <h3>Theme</h3>
          <Segments label="Theme" value={theme.value} options={THEMES} onChange={setTheme} />
        </div>
        <div class="stack-tight">
          <h3>Times</h3>
          <ZoneSwitch />
        </div>
      </div>
      {state !== undefined && <Gateway state={state} />}
      <div class="row">
        <ButtonLink icon="docs" href="/docs">
          Documentation
        </ButtonLink>
        <ButtonLink icon="docs" href="/docs/api">
          API reference
        </ButtonLink>
        <ButtonLink icon="download" href="/config.schema.json">
          Schema of config.json
        </ButtonLink>
        <ButtonLink icon="edit" href="/settings/raw">
          Raw config
        </ButtonLink>
      </div>
    </Section>
  );
}

function Gateway({ state }: { readonly state: UiState }) {
  const stores = useResource<ConfigFacts>("/api/config");
  return (
    <>
      <Facts
        rows={[
          ["Version", `Drawbridge ${state.version}`],
          ...(state.licence === undefined ? [] : [["Licence", state.licence] as const]),
          ...(state.runtime === undefined ? [] : [["Runtime", state.runtime] as const]),
          ["Started", <Time key="s" at={state.started_at} exact />],
          ["Configuration", state.config_path === null ? "no file" : <Copyable key="p" text={state.config_path} />],
          ...(state.env_label === null ? [] : [["Environment", state.env_label] as const]),
        ]}
      />
      <Loaded of={stores} failed="The state of the stores could not be read.">
        {(found) => (
          <Facts
            rows={[
              ["Configuration store", <Store key="c" isOn={found.is_db_connected} off="off: the file alone rules" />],
              ["Request log", <Store key="l" isOn={found.is_logs_connected} off="off: requests are not kept" />],
              ...(found.restart_required?.required === true
                ? [["Waits for a start", found.restart_required.reason] as const]
                : []),
            ]}
          />
        )}
      </Loaded>
    </>
  );
}

function Store({ isOn, off }: { readonly isOn: boolean; readonly off: string }) {
  return isOn ? <StatusDot tone="good">in use</StatusDot> : <StatusDot tone="off">{off}</StatusDot>;
}
