// One turn: what the user said, and the answers side by side.
import { AnswerView } from "./answer-view.tsx";
import { changeAnswer, type Turn } from "./conversation.ts";

export interface TurnFacts {
  readonly turn: Turn;
  /** Results of tools can still be written. */
  readonly isLast: boolean;
}

export function TurnView({ turn, isLast }: TurnFacts) {
  return (
    <article class="playground-turn" aria-label={turn.user === "" ? "Results of tools" : "Message and answers"}>
      {turn.user !== "" && <p class="playground-user">{turn.user}</p>}
      <div class={`playground-columns${turn.answers.length === 2 ? " two" : ""}`}>
        {turn.answers.map(
          (answer, side) =>
            answer !== null && (
              <AnswerView
                key={side}
                answer={answer}
                isLast={isLast}
                onResult={(call, text) =>
                  changeAnswer(turn.id, side, (before) => ({ ...before, results: { ...before.results, [call]: text } }))
                }
              />
            ),
        )}
      </div>
    </article>
  );
}
