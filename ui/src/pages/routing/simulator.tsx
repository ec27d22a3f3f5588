// The simulator: what would become of a request, asked of the function that decides for live traffic.
import { useEffect, useRef, useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import { type ApiError, toApiError } from "../../api/errors.ts";
import { configVersion } from "../../api/live-store.ts";
import { place, setQuery } from "../../lib/router.ts";
import { Button } from "../../parts/button.tsx";
import { Card } from "../../parts/card.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { Note } from "../../parts/status.tsx";
import { type Question, questionOf, questionQuery, simulationBody, troublesOf } from "./question.ts";
import { SimulationResult } from "./simulation-result.tsx";
import { SimulatorForm } from "./simulator-form.tsx";
import type { Simulation } from "./types.ts";

const PAUSE = 250;

/** The answer to the form as it stands, asked anew a moment after each change. */
function useSimulation(question: Question): {
  readonly answer: Simulation | null;
  readonly error: ApiError | null;
  readonly isAsking: boolean;
  ask(): Promise<void>;
} {
  const [answer, setAnswer] = useState<Simulation | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [isAsking, setAsking] = useState(false);
  const turn = useRef(0);
  const ask = async () => {
    const own = ++turn.current;
    if (troublesOf(question).length > 0) return;
    setAsking(true);
    try {
      const given = await send<Simulation>("POST", "/api/routing/simulate", simulationBody(question));
      if (own !== turn.current) return;
      setAnswer(given);
      setError(null);
    } catch (thrown) {
      if (own !== turn.current) return;
      setError(toApiError(thrown));
      setAnswer(null);
    }
    setAsking(false);
  };
  const key = JSON.stringify(question);
  const version = configVersion.value;
  useEffect(() => {
    const timer = window.setTimeout(() => void ask(), PAUSE);
    return () => window.clearTimeout(timer);
  }, [key, version]);
  return { answer, error, isAsking, ask };
}

export function Simulator() {
  const [question, setQuestion] = useState<Question>(() => questionOf(place.value.query));
  const { answer, error, isAsking, ask } = useSimulation(question);
  const from = place.value.query.get("from");
  const change = (part: Partial<Question>) => {
    const next = { ...question, ...part };
    setQuestion(next);
    setQuery(questionQuery(next));
  };
  const isAsked = question.model.trim() !== "";
  return (
    <Card title="Where would it go?" testId="simulator">
      {from !== null && (
        <Note tone="info" action={<a href={`/requests/${encodeURIComponent(from)}`}>Open the request</a>}>
          Filled in from a request. The answer is of now: configuration and health may have changed since.
        </Note>
      )}
      <div class="routing-simulator">
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void ask();
          }}
        >
          <SimulatorForm
            question={question}
            troubles={isAsked ? troublesOf(question) : []}
            error={error}
            onChange={change}
          />
          <div class="row">
            <Button kind="primary" type="submit" icon="play" busy={isAsking} disabled={!isAsked}>
              Simulate
            </Button>
            <span class="soft small">Nothing is sent to a provider.</span>
          </div>
        </form>
        <div class="routing-answer" aria-live="polite" aria-busy={isAsking}>
          {error !== null && isAsked ? (
            <ErrorPanel what="The simulation was refused." error={error} onRetry={ask} />
          ) : answer === null || !isAsked ? (
            <p class="soft routing-hint">
              Name a model. The plan appears here: which provider and key come first, with which probability, what is
              tried next, and which rules decided it.
            </p>
          ) : (
            <SimulationResult answer={answer} question={question} />
          )}
        </div>
      </div>
    </Card>
  );
}
