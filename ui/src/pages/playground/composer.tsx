// Where the next message is written; sends it to every target, and stops them.
import { useRef } from "preact/hooks";
import { Button } from "../../parts/button.tsx";
import {
  addTurn,
  base,
  changeAnswer,
  draft,
  isRunning,
  messagesOf,
  newAnswer,
  settings,
  type Turn,
  turns,
} from "./conversation.ts";
import { bodyOf, settingErrors } from "./request-body.ts";
import { sendChat } from "./send.ts";
import type { Targets } from "./use-targets.ts";

/** Requests under way, by which they are stopped. */
let running: AbortController | null = null;

export function Composer({ targets }: { readonly targets: Targets }) {
  const area = useRef<HTMLTextAreaElement>(null);
  const isBusy = turns.value.some(({ answers }) => answers.some(isRunning));
  const problem = problemOf(targets);
  const send = () => {
    if (isBusy || problem !== null) return;
    void sendTurn(targets);
    area.current?.focus();
  };
  return (
    <form
      class="playground-composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={area}
        class="input"
        rows={3}
        aria-label="Message"
        placeholder="Ask something (Enter sends, Shift and Enter begins a line)"
        value={draft.value}
        onInput={(event) => (draft.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <div class="row apart">
        <span class="soft small" role="status">
          {isBusy ? "Answering" : draft.value.trim() !== "" || waitsForTools() ? (problem ?? "") : ""}
        </span>
        {isBusy ? (
          <Button kind="danger" icon="pause" onClick={() => running?.abort()}>
            Stop
          </Button>
        ) : (
          <Button kind="primary" icon="send" type="submit" disabled={problem !== null}>
            Send
          </Button>
        )}
      </div>
    </form>
  );
}

/** The last answer calls tools: their results can be sent without words. */
function waitsForTools(): boolean {
  return turns.value.at(-1)?.answers.some((answer) => (answer?.content.toolCalls.length ?? 0) > 0) === true;
}

/** Why nothing can be sent now; null = it can. */
function problemOf({ models }: Targets): string | null {
  if (models.some((model) => model === "")) return "Choose a model first.";
  const [wrong] = Object.keys(settingErrors(settings.value));
  if (wrong !== undefined) return "A setting cannot be sent as it stands.";
  return draft.value.trim() === "" && !waitsForTools() ? "Write a message first." : null;
}

async function sendTurn({ models, keyId }: Targets): Promise<void> {
  const said: readonly Turn[] = turns.peek();
  const user = draft.peek().trim() === "" ? "" : draft.peek();
  const answers = models.map((model, side) => {
    const spoken = messagesOf(said, base.peek(), side);
    const messages = user === "" ? spoken : [...spoken, { role: "user", content: user }];
    return newAnswer(model, bodyOf(model, settings.peek(), messages), keyId !== null);
  });
  const turn = addTurn(user, answers);
  draft.value = "";
  const abort = new AbortController();
  running = abort;
  await Promise.all(
    answers.map((answer, side) =>
      sendChat({
        answer,
        keyId,
        signal: abort.signal,
        onChange: (change) => changeAnswer(turn, side, (before) => ({ ...before, ...change })),
      }),
    ),
  );
  if (running === abort) running = null;
}
