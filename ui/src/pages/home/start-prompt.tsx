// A first prompt to a sensible cheap model, its streamed answer, the way it took, and the same call for programs.
import { useEffect, useRef, useState } from "preact/hooks";
import { type ChatEnd, streamChat } from "../../api/chat.ts";
import { useResource } from "../../api/resource.ts";
import { Button } from "../../parts/button.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { TextField } from "../../parts/field.tsx";
import { Select } from "../../parts/select.tsx";
import { Snippets } from "../../parts/snippets.tsx";
import { Note } from "../../parts/status.tsx";
import { chooseModel } from "./recognise.ts";
import { AnswerRoute } from "./start-route.tsx";
import type { ProbeAnswer } from "./types.ts";

/** Where the first request goes. */
export interface FirstTarget {
  readonly provider: string;
  /** As the test of the key listed them; null: they are asked for. */
  readonly models: readonly string[] | null;
  readonly cheap: string | null;
  readonly probe?: ProbeAnswer;
}

const PROMPT = "Say hello in one short sentence.";

export interface PromptFacts {
  readonly target: FirstTarget;
  /** Programs will need a virtual key. */
  readonly needsKey: boolean;
  readonly onAnswered: () => void;
}

export function FirstPrompt({ target, needsKey, onAnswered }: PromptFacts) {
  const { provider, probe } = target;
  const [search, setSearch] = useState("");
  const path = `/api/models?provider=${encodeURIComponent(provider)}&limit=50&query=${encodeURIComponent(search)}`;
  const listed = useResource<{ readonly models: readonly { readonly name: string }[] }>(
    target.models === null || search !== "" ? path : null,
  );
  const models = listed.data?.models.map(({ name }) => name) ?? target.models ?? [];
  const sensible = useRef<string | null>(null);
  if (sensible.current === null && (target.models !== null || listed.data !== undefined))
    sensible.current = chooseModel(models, target.cheap);
  const [picked, setPicked] = useState("");
  const [prompt, setPrompt] = useState(PROMPT);
  const model = picked || (sensible.current ?? target.cheap ?? "");
  const body = { model: `${provider}/${model}`, messages: [{ role: "user", content: prompt }] };
  const answer = useAnswer(onAnswered);
  return (
    <div class="stack">
      {probe !== undefined && <Tested provider={provider} probe={probe} />}
      <form
        class="stack home-prompt"
        onSubmit={(event) => {
          event.preventDefault();
          if (model !== "" && prompt.trim() !== "" && !answer.isBusy) void answer.ask(body);
        }}
      >
        <Select
          label="Model"
          value={model}
          options={[...new Set([model, ...models])]
            .filter((name) => name !== "")
            .map((name) => ({ value: name, label: name }))}
          onChange={setPicked}
          onSearch={setSearch}
          allowOther
          hint={`Of ${provider}. Any other model of it can be typed too.`}
        />
        <TextField label="Prompt" value={prompt} onInput={setPrompt} rows={2} />
        <div class="row">
          <Button
            kind="primary"
            type="submit"
            icon="send"
            busy={answer.isBusy}
            disabled={model === "" || prompt.trim() === ""}
          >
            Send
          </Button>
          {answer.isBusy && <Button onClick={answer.stop}>Stop</Button>}
        </div>
      </form>
      <Answered answer={answer} />
      {answer.sent !== null && answer.end !== null && (
        <section class="stack">
          <h3>The same call from a program</h3>
          <Snippets body={answer.sent} needsKey={needsKey} />
        </section>
      )}
    </div>
  );
}

function Tested({ provider, probe }: { readonly provider: string; readonly probe: ProbeAnswer }) {
  const [is, tone] = probe.ok ? (["works", "good"] as const) : (["is stored, though its test failed", "warn"] as const);
  const some = probe.models.slice(0, 4).join(", ");
  return (
    <div role="status">
      <Note tone={tone}>
        The key of {provider} {is}.{" "}
        {probe.model_count > 0 && `${probe.model_count} models: ${some}${probe.model_count > 4 ? " and more" : ""}.`}
        {probe.ok &&
          !probe.key_proven &&
          " Its list of models is open to everybody: the first request will prove the key."}
      </Note>
    </div>
  );
}

interface Answer {
  readonly text: string;
  readonly isBusy: boolean;
  readonly sent: Readonly<Record<string, unknown>> | null;
  readonly end: ChatEnd | null;
  ask(body: Readonly<Record<string, unknown>>): Promise<void>;
  stop(): void;
}

function useAnswer(onAnswered: () => void): Answer {
  const [text, setText] = useState("");
  const [sent, setSent] = useState<Answer["sent"]>(null);
  const [end, setEnd] = useState<ChatEnd | null>(null);
  const running = useRef<AbortController | null>(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => () => running.current?.abort(), []);
  const ask = async (body: Readonly<Record<string, unknown>>) => {
    const abort = new AbortController();
    running.current = abort;
    setText("");
    setEnd(null);
    setSent(body);
    setBusy(true);
    try {
      setEnd(
        await streamChat({
          body,
          virtualKeyId: null,
          signal: abort.signal,
          onText: (piece) => setText((before) => before + piece),
        }),
      );
      onAnswered();
    } catch {
      // given up by the reader
    }
    setBusy(false);
  };
  return { text, isBusy, sent, end, ask, stop: () => running.current?.abort() };
}

function Answered({ answer: { text, isBusy, sent, end } }: { readonly answer: Answer }) {
  if (sent === null) return null;
  return (
    <section class="stack" aria-label="Answer" aria-busy={isBusy}>
      {(text !== "" || isBusy) && (
        <p class="home-answer" data-testid="first-answer" aria-live="polite">
          {text}
          {isBusy && <span class="home-caret" aria-hidden="true" />}
        </p>
      )}
      {end !== null && end.error !== null && (
        <ErrorPanel
          what={text === "" ? "The request was not answered." : "The answer broke off."}
          error={end.error}
          remedy={
            end.id === null ? undefined : <a href={`/requests/${encodeURIComponent(end.id)}`}>See what happened</a>
          }
        />
      )}
      {end?.id != null && <AnswerRoute id={end.id} />}
    </section>
  );
}
