// Tries a rule before it is saved: the simulator with the draft in the place of the stored one.
import { useEffect, useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import { type ApiError, toApiError } from "../../api/errors.ts";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { NO_QUESTION, type Question, simulationBody, troublesOf } from "./question.ts";
import { type RuleDraft, ruleBody } from "./rule-draft.ts";
import { SimulationResult } from "./simulation-result.tsx";
import { SimulatorForm } from "./simulator-form.tsx";
import type { Simulation } from "./types.ts";

const PAUSE = 300;

export function DryRun({ draft }: { readonly draft: RuleDraft }) {
  const [question, setQuestion] = useState<Question>(NO_QUESTION);
  const [answer, setAnswer] = useState<Simulation | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const isAsked = question.model !== "" && troublesOf(question).length === 0;
  const body = isAsked ? JSON.stringify(draftQuestion(question, draft)) : "";
  useEffect(() => {
    if (body === "") return;
    const abort = new AbortController();
    const timer = window.setTimeout(() => {
      send<Simulation>("POST", "/api/routing/simulate", JSON.parse(body), { signal: abort.signal })
        .then((given) => {
          setAnswer(given);
          setError(null);
        })
        .catch((thrown: unknown) => {
          if (!abort.signal.aborted) setError(toApiError(thrown));
        });
    }, PAUSE);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [body]);
  return (
    <section class="stack" aria-label="Try the draft">
      <h3>Try it before it is saved</h3>
      <SimulatorForm
        question={question}
        troubles={question.model === "" ? [] : troublesOf(question)}
        error={error}
        onChange={(part) => setQuestion({ ...question, ...part })}
      />
      {isAsked && error !== null && <ErrorPanel what="The draft could not be tried." error={error} />}
      {isAsked && error === null && answer !== null && <SimulationResult answer={answer} />}
    </section>
  );
}

function draftQuestion(question: Question, draft: RuleDraft): Record<string, unknown> {
  const { query: _query, ...rule } = ruleBody({ ...draft, name: draft.name.trim() || "this draft", enabled: true });
  return {
    ...simulationBody(question),
    draft: { routing_rule: { ...(draft.id === null ? {} : { id: draft.id }), ...rule } },
  };
}
