// One answer as it comes, and below it how it went: route, times, cost, its record, the same call as code.
import { useState } from "preact/hooks";
import { Button } from "../../parts/button.tsx";
import { TextField } from "../../parts/field.tsx";
import { Duration } from "../../parts/figures.tsx";
import { Snippets } from "../../parts/snippets.tsx";
import { Badge, StatusDot } from "../../parts/status.tsx";
import { Timeline } from "../../parts/timeline.tsx";
import { AnswerFailure } from "./answer-failure.tsx";
import { AnswerFigures } from "./answer-figures.tsx";
import { type Answer, isRunning } from "./conversation.ts";
import { type FoundRecord, useRecord } from "./use-record.ts";

export interface AnswerFacts {
  readonly answer: Answer;
  readonly isLast: boolean;
  readonly onResult: (callId: string, text: string) => void;
}

export function AnswerView({ answer, isLast, onResult }: AnswerFacts) {
  const record = useRecord(answer);
  const { content, state, model, error } = answer;
  const hasWords = content.text !== "" || content.reasoning !== "" || content.toolCalls.length > 0;
  return (
    <div class="card playground-answer" aria-busy={isRunning(answer)} data-testid="answer">
      <header class="row apart playground-answer-head">
        <h2 class="clip">{model}</h2>
        <State answer={answer} />
      </header>
      {content.reasoning !== "" && (
        <details class="playground-reasoning">
          <summary>Reasoning</summary>
          <p class="playground-text soft">{content.reasoning}</p>
        </details>
      )}
      {content.text !== "" && (
        <p class="playground-text" data-testid="answer-text">
          {content.text}
        </p>
      )}
      {!hasWords && state === "done" && <p class="soft">The answer is empty.</p>}
      {content.toolCalls.map((call, index) => (
        <div class="playground-call" key={call.id || index}>
          <p class="mono playground-text">
            {call.name}({call.arguments})
          </p>
          {isLast && !isRunning(answer) && (
            <TextField
              label={`Result of ${call.name}`}
              mono
              rows={2}
              value={answer.results[call.id] ?? ""}
              onInput={(text) => onResult(call.id, text)}
              hint="What the tool would answer. It goes along with the next message."
            />
          )}
        </div>
      ))}
      {error !== null && <AnswerFailure error={error} record={record} />}
      {!isRunning(answer) && <Aftermath answer={answer} record={record} />}
    </div>
  );
}

const FINISH: Readonly<Record<string, string>> = {
  length: "cut at its limit of tokens",
  content_filter: "stopped by a content filter",
};

function State({ answer: { state, error, firstAfter, content } }: { readonly answer: Answer }) {
  switch (state) {
    case "waiting":
      return (
        <StatusDot tone="info" live>
          waiting
        </StatusDot>
      );
    case "streaming":
      return (
        <StatusDot tone="info" live>
          first token after <Duration ms={firstAfter} />
        </StatusDot>
      );
    case "stopped":
      return <StatusDot tone="off">stopped</StatusDot>;
    case "failed":
      return <StatusDot tone="bad">{error?.status === 200 ? "broke off" : error?.status || "failed"}</StatusDot>;
    case "done":
      return FINISH[content.finish ?? ""] === undefined ? (
        <StatusDot tone="good">200</StatusDot>
      ) : (
        <Badge tone="warn">{FINISH[content.finish ?? ""]}</Badge>
      );
  }
}

function Aftermath({ answer, record }: { readonly answer: Answer; readonly record: FoundRecord }) {
  const [shown, setShown] = useState<"timeline" | "code" | null>(null);
  const toggle = (what: "timeline" | "code") => setShown(shown === what ? null : what);
  const row = typeof record === "string" ? null : record;
  return (
    <footer class="playground-aftermath">
      <AnswerFigures answer={answer} record={record} />
      <div class="row">
        {row !== null && row.attempts.length > 0 && (
          <Button small kind="bare" icon="clock" expanded={shown === "timeline"} onClick={() => toggle("timeline")}>
            Timeline
          </Button>
        )}
        <Button small kind="bare" icon="copy" expanded={shown === "code"} onClick={() => toggle("code")}>
          As code
        </Button>
        {row !== null && (
          <a class="button bare small-button" href={`/requests/${encodeURIComponent(row.id)}`}>
            Open its record
          </a>
        )}
      </div>
      {shown === "timeline" && row !== null && (
        <Timeline
          route={{
            latency: row.latency,
            overheadUs: row.overhead_us,
            attempts: row.attempts,
            isCancelled: row.status === "cancelled",
          }}
        />
      )}
      {shown === "code" && <Snippets body={answer.body} needsKey={answer.hasKey} />}
    </footer>
  );
}
