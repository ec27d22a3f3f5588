// How the complexity of a request is told: thresholds, word lists, and a text to try them on.
import { useEffect, useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import { type ApiError, fieldError, toApiError } from "../../api/errors.ts";
import { refresh, useResource } from "../../api/resource.ts";
import { Button } from "../../parts/button.tsx";
import { Card } from "../../parts/card.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { TextField } from "../../parts/field.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Badge } from "../../parts/status.tsx";
import { toast } from "../../parts/toast.tsx";
import {
  BOUNDARIES,
  type ComplexityConfig,
  type ComplexityDraft,
  complexityBody,
  draftComplexity,
  LISTS,
  tierOf,
  trialBody,
} from "./complexity-draft.ts";
import type { Simulation } from "./types.ts";
import { useLocked } from "./use-locked.ts";

const PATH = "/api/governance/complexity-analyzer-config";
const PAUSE = 300;

export function Complexity() {
  const config = useResource<ComplexityConfig>(PATH);
  return (
    <Card title="Complexity tiers">
      <details class="routing-more">
        <summary>Thresholds, word lists, and a text to try them on</summary>
        <Loaded of={config} failed="The tiers could not be read.">
          {(data) => <ComplexityForm key={JSON.stringify(data)} config={data} />}
        </Loaded>
      </details>
    </Card>
  );
}

function ComplexityForm({ config }: { readonly config: ComplexityConfig }) {
  const [draft, setDraft] = useState(() => draftComplexity(config));
  const [error, setError] = useState<ApiError | null>(null);
  const locked = useLocked();
  const keep = async (method: "PUT" | "POST", path: string, body?: unknown) => {
    try {
      await send(method, path, body);
      toast({ text: method === "PUT" ? "The tiers hold from now on." : "The tiers are as they are built in." });
      await refresh(PATH);
    } catch (thrown) {
      setError(toApiError(thrown));
    }
  };
  return (
    <div class="routing-form">
      <p class="soft">
        Each request gets a score from 0 to 1 by the words of what the user said last; rules ask for its tier with{" "}
        <code>complexity_tier</code>.
      </p>
      {error !== null && error.param === null && <ErrorPanel what="The tiers were not changed." error={error} />}
      <div class="routing-two">
        {BOUNDARIES.map(({ name, label }) => (
          <TextField
            key={name}
            label={label}
            type="number"
            value={draft.boundaries[name] ?? ""}
            onInput={(text) => setDraft({ ...draft, boundaries: { ...draft.boundaries, [name]: text } })}
            error={fieldError(error, `tier_boundaries.${name}`, name)}
          />
        ))}
      </div>
      <div class="routing-two">
        {LISTS.map(({ name, label }) => (
          <TextField
            key={name}
            label={label}
            rows={4}
            value={draft.lists[name] ?? ""}
            onInput={(text) => setDraft({ ...draft, lists: { ...draft.lists, [name]: text } })}
            hint="Words and phrases, separated by commas"
            error={fieldError(error, `keywords.${name}`, name)}
          />
        ))}
      </div>
      {locked === null ? (
        <div class="row">
          <Button kind="primary" onClick={() => keep("PUT", PATH, complexityBody(draft))}>
            Save
          </Button>
          <Button onClick={() => keep("POST", `${PATH}/reset`)}>Take what is built in</Button>
        </div>
      ) : (
        <p class="soft">The file {locked} rules alone: change governance.complexity_analyzer_config there.</p>
      )}
      <Trial draft={draft} />
    </div>
  );
}

/** Tries the draft by rules that ask for each tier: the judgement is that of live traffic. */
function Trial({ draft }: { readonly draft: ComplexityDraft }) {
  const [text, setText] = useState("");
  const [tier, setTier] = useState<string | null>(null);
  const body = text.trim() === "" ? "" : JSON.stringify(trialBody(draft, text));
  useEffect(() => {
    if (body === "") return setTier(null);
    const abort = new AbortController();
    const timer = window.setTimeout(() => {
      send<Simulation>("POST", "/api/routing/simulate", JSON.parse(body), { signal: abort.signal })
        .then((answer) => setTier(tierOf(answer)))
        .catch(() => setTier(null));
    }, PAUSE);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [body]);
  return (
    <div class="stack" aria-live="polite">
      <TextField label="Try a text" rows={3} value={text} onInput={setText} placeholder="What the user says" />
      {tier !== null && (
        <p>
          With the values above this is <Badge tone="accent">{tier}</Badge>
        </p>
      )}
    </div>
  );
}
