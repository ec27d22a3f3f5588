// The first minutes: a key is added and tested, and the same card sends a first request.
import { useState } from "preact/hooks";
import { useResource } from "../../api/resource.ts";
import { Button } from "../../parts/button.tsx";
import { Card } from "../../parts/card.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { AddKey } from "./start-add.tsx";
import { FirstPrompt, type FirstTarget } from "./start-prompt.tsx";
import type { ConfiguredProvider, ProviderType, UiState } from "./types.ts";

export interface StartFacts {
  readonly state: UiState;
  /** The reader has seen enough of this card. */
  readonly onDone: () => void;
  /** A request was answered. */
  readonly onAnswered: () => void;
}

export function StartCard(facts: StartFacts) {
  const catalogue = useResource<{ readonly providers: readonly ProviderType[] }>("/api/providers/catalog");
  const configured = useResource<{ readonly providers: readonly ConfiguredProvider[] }>("/api/providers");
  return (
    <Loaded of={catalogue} failed="The list of providers could not be read.">
      {(types) => (
        <Loaded of={configured} failed="The providers could not be read.">
          {({ providers }) => <Steps {...facts} types={types.providers} configured={providers} />}
        </Loaded>
      )}
    </Loaded>
  );
}

interface StepFacts extends StartFacts {
  readonly types: readonly ProviderType[];
  readonly configured: readonly ConfiguredProvider[];
}

function Steps({ state, types, configured, onDone, onAnswered }: StepFacts) {
  // what is configured already, by its file or the environment, needs no key
  const ready = configured.find(({ source, provider_status }) => isOwn(source.type) && provider_status === "active");
  const [target, setTarget] = useState<FirstTarget | null>(() =>
    ready === undefined ? null : targetOf(ready.name, types),
  );
  if (target === null)
    return (
      <Card title="Add a provider key">
        <AddKey
          types={types}
          isLocked={state.config_locked}
          onAdded={setTarget}
          onDemo={state.demo.enabled ? () => setTarget({ provider: "demo", models: ["echo"], cheap: "echo" }) : null}
        />
      </Card>
    );
  return (
    <Card
      title="Send a first request"
      actions={
        <>
          <Button kind="bare" icon="plus" onClick={() => setTarget(null)}>
            Add another key
          </Button>
          <Button kind="bare" onClick={onDone}>
            Show the overview
          </Button>
        </>
      }
    >
      <FirstPrompt key={target.provider} target={target} needsKey={state.virtual_keys > 0} onAnswered={onAnswered} />
    </Card>
  );
}

function isOwn(source: string): boolean {
  return source !== "built-in";
}

function targetOf(name: string, types: readonly ProviderType[]): FirstTarget {
  const type = types.find((one) => one.name === name);
  return { provider: name, models: null, cheap: type?.cheap_model ?? null };
}
