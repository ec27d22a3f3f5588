// A failed answer as a client sees it, and which limit of whom was used up where that is why.
import { duration } from "../../lib/format.ts";
import { CodeBlock } from "../../parts/code-block.tsx";
import { Icon } from "../../parts/icon.tsx";
import { StopPanel } from "../../parts/stop-panel.tsx";
import type { AnswerError } from "./answer-reader.ts";
import type { FoundRecord } from "./use-record.ts";

export interface FailureFacts {
  readonly error: AnswerError;
  readonly record: FoundRecord;
}

export function AnswerFailure({ error, record }: FailureFacts) {
  const { status, code, message, retryAfter, body } = error;
  return (
    <div class="playground-failure" role="alert">
      <p>
        <Icon name="warning" />
        <span>
          {message} <span class="faint nowrap">({status > 0 ? `${status} ${code}` : code})</span>
        </span>
      </p>
      {retryAfter !== null && <p class="soft small">Clients are told to try again in {duration(retryAfter * 1000)}.</p>}
      {code === "virtual_key_not_found" && (
        <p class="soft small">The virtual key is not there any more: choose another one beside the conversation.</p>
      )}
      {typeof record !== "string" && <StopPanel record={record} isPart />}
      {body !== "" && (
        <details>
          <summary>The answer as the client gets it</summary>
          <CodeBlock code={pretty(body)} label="the body of the error" wrap />
        </details>
      )}
    </div>
  );
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
