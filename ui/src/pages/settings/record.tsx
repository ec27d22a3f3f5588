// The section Record: what is kept of requests, for how long, and what was dropped.
import { useResource } from "../../api/resource.ts";
import { Count, Figure } from "../../parts/figures.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Note } from "../../parts/status.tsx";
import type { SectionBody } from "./page.tsx";
import { Section, SettingList } from "./section.tsx";

interface Dropped {
  readonly dropped_requests: number;
  readonly dropped_on_loop: number;
  readonly dropped_in_writer: number;
  readonly dropped_content: number;
}

export function RecordSection({ settings, state }: SectionBody) {
  const dropped = useResource<Dropped>("/api/logs/dropped");
  return (
    <Section
      id="record"
      title="Record"
      lead={
        <>
          What the log keeps of each request, and for how long.{" "}
          <a href="/docs/recorded-content">What each level keeps</a>
        </>
      }
    >
      {state?.logging === false && <Note tone="warn">Requests are not logged: pages that show them stay empty.</Note>}
      <Loaded of={dropped} failed="What was dropped could not be read.">
        {(counts) => (
          <div class="figures settings-figures">
            <Figure name="Rows dropped" value={<Count value={counts.dropped_requests} />} note="since the start" />
            <Figure
              name="Contents dropped"
              value={<Count value={counts.dropped_content} />}
              note="their rows were kept"
            />
          </div>
        )}
      </Loaded>
      <SettingList settings={settings} />
    </Section>
  );
}
