// The section Environment: what the gateway found in it, and what it missed.
import { useResource } from "../../api/resource.ts";
import { ButtonLink } from "../../parts/button.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { StatusDot } from "../../parts/status.tsx";
import type { SectionBody } from "./page.tsx";
import { Section } from "./section.tsx";

interface Found {
  readonly found: readonly { readonly provider: string; readonly label: string; readonly variable: string }[];
}

interface AnyOrigin {
  readonly path: string;
  readonly origin: { readonly type: string; readonly variable?: string };
}

export function Environment({ state }: SectionBody) {
  const found = useResource<Found>("/api/providers/environment");
  const settings = useResource<{ readonly settings: readonly AnyOrigin[] }>("/api/settings");
  const taken = settings.data?.settings.filter(({ origin }) => origin.type === "env") ?? [];
  const warnings = state?.warning_texts ?? [];
  return (
    <Section
      id="environment"
      title="Environment"
      lead={
        <>
          Any text of the configuration may be <code>env.NAME</code>. Values of variables are never shown.
        </>
      }
    >
      <div class="stack-tight">
        <h3>Worth a look</h3>
        {warnings.length === 0 ? (
          <p class="soft">Nothing: the configuration was read without a warning.</p>
        ) : (
          <ul class="settings-rows">
            {warnings.map((text) => (
              <li key={text}>
                <StatusDot tone="warn">{text}</StatusDot>
              </li>
            ))}
          </ul>
        )}
      </div>
      {taken.length > 0 && (
        <div class="stack-tight">
          <h3>Settings from variables</h3>
          <ul class="settings-rows">
            {taken.map(({ path, origin }) => (
              <li key={path} class="row apart">
                <code>{path}</code>
                <code class="soft">{origin.variable}</code>
              </li>
            ))}
          </ul>
        </div>
      )}
      <Loaded of={found} failed="The variables of providers could not be read.">
        {(answer) => <ForProviders found={answer.found} />}
      </Loaded>
    </Section>
  );
}

function ForProviders({ found }: { readonly found: Found["found"] }) {
  return (
    <div class="stack-tight">
      <h3>Keys of providers that nobody configured</h3>
      {found.length === 0 && <p class="soft">None is set.</p>}
      <ul class="settings-rows">
        {found.map(({ provider, label, variable }) => (
          <li key={variable} class="row apart">
            <span>
              {label} <code class="soft">{variable}</code>
            </span>
            <ButtonLink kind="bare" href={`/providers?add=${encodeURIComponent(provider)}`}>
              Add the provider
            </ButtonLink>
          </li>
        ))}
      </ul>
    </div>
  );
}
