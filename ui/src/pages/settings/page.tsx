// Settings: every setting with its path, its origin and its default, in sections that can be searched; what goes beyond settings stands beside them.
import "./page.css";
import { useEffect } from "preact/hooks";
import { useResource } from "../../api/resource.ts";
import { queryValue, setQuery } from "../../lib/router.ts";
import { Button, ButtonLink } from "../../parts/button.tsx";
import { Empty } from "../../parts/empty.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Page as Layout } from "../../parts/page.tsx";
import { Note } from "../../parts/status.tsx";
import type { PageProps } from "../../shell/pages.ts";
import { About } from "./about.tsx";
import { Alerts } from "./alerts.tsx";
import { Audit } from "./audit.tsx";
import { discardDrafts, drafts, openChanges, saveDrafts, saveError } from "./drafts.ts";
import { Environment } from "./environment.tsx";
import { Prices } from "./prices.tsx";
import { ProxySection } from "./proxy.tsx";
import { RecordSection } from "./record.tsx";
import { Section, SettingList } from "./section.tsx";
import { Security } from "./security.tsx";
import { isMeant, type Setting, type SettingsAnswer, sectionOf } from "./settings-form.ts";
import type { UiState } from "./ui-state.ts";

interface Entry {
  readonly id: string;
  readonly title: string;
  /** What else it is looked for by. */
  readonly words: string;
  readonly draw: (facts: SectionBody) => preact.ComponentChildren;
}

/** What each section is drawn from. */
export interface SectionBody {
  readonly settings: readonly Setting[];
  readonly state: UiState | undefined;
}

const SECTIONS: readonly Entry[] = [
  {
    id: "requests",
    title: "Requests",
    words: "",
    draw: ({ settings }) => (
      <Section id="requests" title="Requests" lead="What a request needs, and how large it may be.">
        <SettingList settings={settings} />
      </Section>
    ),
  },
  { id: "record", title: "Record", words: "dropped retention content", draw: (facts) => <RecordSection {...facts} /> },
  {
    id: "prices",
    title: "Prices",
    words: "sheet recalculate costs unknown price",
    draw: (facts) => <Prices {...facts} />,
  },
  { id: "alerts", title: "Alerts", words: "webhook budget thresholds", draw: (facts) => <Alerts {...facts} /> },
  {
    id: "security",
    title: "Security",
    words: "login password sign out sessions",
    draw: (facts) => <Security {...facts} />,
  },
  {
    id: "proxy",
    title: "Proxy",
    words: "proxy-config no_proxy certificate",
    draw: (facts) => <ProxySection {...facts} />,
  },
  {
    id: "stores",
    title: "Listener and stores",
    words: "",
    draw: ({ settings }) => (
      <Section
        id="stores"
        title="Listener and stores"
        lead="Read at a start, so the file alone has them. Choose Change to get the text for it."
      >
        <SettingList settings={settings} />
      </Section>
    ),
  },
  {
    id: "environment",
    title: "Environment",
    words: "variables warnings env",
    draw: (facts) => <Environment {...facts} />,
  },
  { id: "audit", title: "Audit", words: "who changed what", draw: () => <Audit /> },
  {
    id: "about",
    title: "About",
    words: "version licence theme zone utc paths raw api",
    draw: (facts) => <About {...facts} />,
  },
];

export function Page({ rest }: PageProps) {
  const settings = useResource<SettingsAnswer>("/api/settings");
  const state = useResource<UiState>("/api/ui/state");
  return (
    <Layout
      title="Settings"
      lead={state.data?.config_path ?? undefined}
      actions={
        <>
          <ButtonLink href="/settings/raw" icon="edit">
            Raw config
          </ButtonLink>
        </>
      }
    >
      {state.data?.config_locked === true && (
        <Note tone="plain">
          The file alone says what is configured (<code>config_store.enabled</code> is false). Everything can be read
          here; a change comes as text to paste into the file.
        </Note>
      )}
      <Loaded of={settings} failed="The settings could not be read.">
        {(answer) => <Body answer={answer} state={state.data} start={rest[0]} />}
      </Loaded>
    </Layout>
  );
}

interface BodyFacts {
  readonly answer: SettingsAnswer;
  readonly state: UiState | undefined;
  /** The section that the address asks for. */
  readonly start: string | undefined;
}

function Body({ answer, state, start }: BodyFacts) {
  const query = queryValue("q") ?? "";
  const shown = shownSections(answer.settings, query);
  useEffect(() => {
    const id = start ?? location.hash.slice(1);
    if (id === "") return;
    document.getElementById(id)?.scrollIntoView();
  }, [start]);
  return (
    <div class="settings">
      <div class="settings-side">
        <div class="settings-search">
          <Icon name="search" size={14} />
          <input
            class="input"
            type="search"
            aria-label="Search settings"
            placeholder="Search settings"
            value={query}
            onInput={(event) => setQuery({ q: event.currentTarget.value })}
          />
        </div>
        <nav aria-label="Sections">
          {shown.map(({ entry }) => (
            <a key={entry.id} href={`#${entry.id}`} data-browser="">
              {entry.title}
            </a>
          ))}
        </nav>
      </div>
      <div class="stack settings-main">
        {shown.length === 0 && (
          <Empty
            icon="search"
            title={`No setting fits “${query}”`}
            why="The search looks at names, paths in config.json and descriptions."
            action={<Button onClick={() => setQuery({ q: null })}>Show all</Button>}
          />
        )}
        {shown.map(({ entry, settings }) => (
          <div key={entry.id}>{entry.draw({ settings, state })}</div>
        ))}
        <SaveBar settings={answer.settings} />
      </div>
    </div>
  );
}

/** With a search the settings that fit; a section that itself fits is shown whole. */
function shownSections(settings: readonly Setting[], query: string) {
  return SECTIONS.flatMap((entry) => {
    const own = settings.filter(({ path }) => sectionOf(path) === entry.id);
    if (query.trim() === "" || isMeant(query.trim(), entry.title, entry.words)) return [{ entry, settings: own }];
    const found = own.filter(({ path, title, description }) => isMeant(query.trim(), path, title, description));
    return found.length === 0 ? [] : [{ entry, settings: found }];
  });
}

function SaveBar({ settings }: { readonly settings: readonly Setting[] }) {
  const count = openChanges(settings);
  useEffect(() => {
    if (count === 0) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [count > 0]);
  if (count === 0) return null;
  const error = saveError.value;
  const paths = Object.keys(drafts.value);
  return (
    <div class="save-bar" role="region" aria-label="Unsaved changes">
      <div class="grow">
        <p class="strong">{count === 1 ? "1 change is not saved" : `${count} changes are not saved`}</p>
        {error === null ? (
          <p class="soft small clip">{paths.join(", ")}</p>
        ) : (
          <p class="field-error" role="alert">
            Nothing was saved: {error.message}
          </p>
        )}
      </div>
      <Button onClick={discardDrafts}>Discard</Button>
      <Button kind="primary" onClick={() => saveDrafts(settings)}>
        Save
      </Button>
    </div>
  );
}
