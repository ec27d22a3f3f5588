// A section of the settings: a heading that can be linked to, facts, and its settings one under the other.
import type { ComponentChildren } from "preact";
import { fieldError } from "../../api/errors.ts";
import { Card } from "../../parts/card.tsx";
import { drafts, saveError, setDraft } from "./drafts.ts";
import { SettingField } from "./setting-field.tsx";
import type { Setting } from "./settings-form.ts";

export interface SectionFacts {
  readonly id: string;
  readonly title: string;
  readonly lead?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Section({ id, title, lead, actions, children }: SectionFacts) {
  return (
    <div class="settings-section" id={id} data-testid={`section-${id}`}>
      <Card title={title} {...(actions === undefined ? {} : { actions })}>
        {lead !== undefined && <p class="soft settings-lead">{lead}</p>}
        {children}
      </Card>
    </div>
  );
}

/** The fields of a section. */
export function SettingList({ settings }: { readonly settings: readonly Setting[] }) {
  if (settings.length === 0) return null;
  return (
    <div class="setting-list">
      {settings.map((setting) => (
        <SettingField
          key={setting.path}
          setting={setting}
          draft={drafts.value[setting.path]}
          error={fieldError(saveError.value, setting.path)}
          onDraft={(text) => setDraft(setting, text)}
        />
      ))}
    </div>
  );
}
