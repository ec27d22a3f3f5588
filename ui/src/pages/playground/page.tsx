// The playground: a chat with one or two targets, through the whole gateway, as any virtual key.
import "./page.css";
import { setQuery } from "../../lib/router.ts";
import { Button } from "../../parts/button.tsx";
import { Empty } from "../../parts/empty.tsx";
import { Page as Layout } from "../../parts/page.tsx";
import { Segments } from "../../parts/switch.tsx";
import { Composer } from "./composer.tsx";
import { base, draft, forget, isRunning, type Side, turns } from "./conversation.ts";
import { Earlier, ReplayNote } from "./replay-note.tsx";
import { SettingsPanel } from "./settings-panel.tsx";
import { TargetPicker } from "./target-picker.tsx";
import { TurnView } from "./turn-view.tsx";
import { type Targets, useTargets } from "./use-targets.ts";

const COUNTS = [
  { value: "1", label: "One model" },
  { value: "2", label: "Two side by side" },
] as const;

const SAMPLES = [
  "Explain what a drawbridge is in two sentences.",
  "Write a haiku about a failing upstream.",
  "List three prime numbers above 100 as JSON.",
];

export function Page() {
  const targets = useTargets();
  const isBusy = turns.value.some(({ answers }) => answers.some(isRunning));
  return (
    <Layout
      title="Playground"
      actions={
        <>
          <Segments
            label="Models to compare"
            value={targets.models.length === 2 ? "2" : "1"}
            options={COUNTS}
            onChange={(count) => setQuery({ model2: count === "2" ? (targets.models[0] ?? null) : null })}
          />
          <Button
            icon="trash"
            disabled={isBusy || (turns.value.length === 0 && base.value.length === 0)}
            onClick={forget}
          >
            Clear
          </Button>
        </>
      }
    >
      <ReplayNote />
      <div class="playground">
        <SettingsPanel keyId={targets.keyId} />
        <Conversation targets={targets} />
      </div>
    </Layout>
  );
}

function Conversation({ targets }: { readonly targets: Targets }) {
  const columns = targets.models.length === 2 ? " two" : "";
  return (
    <section class="playground-talk" aria-label="Conversation">
      <div class={`playground-columns${columns}`}>
        {targets.models.map((model, side) => (
          <TargetPicker key={side} side={side as Side} model={model} providers={targets.providers} />
        ))}
      </div>
      <Earlier />
      <div class="playground-turns">
        {turns.value.length === 0 && <Samples />}
        {turns.value.map((turn, index) => (
          <TurnView key={turn.id} turn={turn} isLast={index === turns.value.length - 1} />
        ))}
      </div>
      <Composer targets={targets} />
    </section>
  );
}

function Samples() {
  return (
    <Empty
      icon="playground"
      title="Nothing said yet"
      why="What you send goes through the whole gateway: routing, budgets, failover and the record, as for any client."
      action={SAMPLES.map((text) => (
        <Button key={text} small onClick={() => (draft.value = text)}>
          {text}
        </Button>
      ))}
    />
  );
}
