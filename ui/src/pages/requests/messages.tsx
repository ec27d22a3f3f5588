// What was asked and answered, message by message, folded where they are many; and what the log did not keep, and why.
import { useMemo, useState } from "preact/hooks";
import type { LogRow } from "../../../../src/core/stores.ts";
import { bytes, exact } from "../../lib/format.ts";
import { Button } from "../../parts/button.tsx";
import { CodeBlock } from "../../parts/code-block.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Badge } from "../../parts/status.tsx";
import { KeptNote } from "./kept.tsx";
import { LongText } from "./long-text.tsx";
import { answerMessage, headline, type MessagePart, requestMessages, type ShownMessage } from "./messages.ts";

/** Of more messages than these only the first and the last ones are shown at first. */
const MANY = 30;
const HEAD = 2;
const TAIL = 12;
const STEP = 100;

export function MessagesTab({ record }: { readonly record: LogRow }) {
  const messages = useMemo(() => requestMessages(record), [record]);
  const answer = useMemo(() => answerMessage(record), [record]);
  return (
    <>
      <KeptNote record={record} />
      <div class="requests-messages">
        <History messages={messages} />
        {answer !== null && <Message message={answer} number={null} isOpen />}
      </div>
    </>
  );
}

function History({ messages }: { readonly messages: readonly ShownMessage[] }) {
  const [more, setMore] = useState(0);
  const hidden = messages.length > MANY ? Math.max(0, messages.length - HEAD - TAIL - more) : 0;
  const head = hidden === 0 ? messages : messages.slice(0, HEAD);
  const tail = hidden === 0 ? [] : messages.slice(HEAD + hidden);
  const lastUser = messages.findLastIndex(({ role }) => role === "user");
  const draw = (message: ShownMessage, index: number) => (
    <Message key={index} message={message} number={index + 1} isOpen={messages.length <= 6 || index === lastUser} />
  );
  return (
    <>
      {head.map((message, index) => draw(message, index))}
      {hidden > 0 && (
        <div class="requests-foot">
          <span class="soft">{exact(hidden)} messages between</span>
          <Button small onClick={() => setMore(more + STEP)}>
            Show {exact(Math.min(STEP, hidden))} more
          </Button>
        </div>
      )}
      {tail.map((message, index) => draw(message, HEAD + hidden + index))}
    </>
  );
}

function Message({
  message,
  number,
  isOpen,
}: {
  readonly message: ShownMessage;
  readonly number: number | null;
  readonly isOpen: boolean;
}) {
  const [open, setOpen] = useState(isOpen);
  const { role, parts, missing } = message;
  if (missing !== null)
    return (
      <div class="requests-message is-missing">
        <span class={`requests-role ${role}`}>{role}</span>
        <span class="soft">{`${missing.kind.replaceAll("_", " ")}${missing.bytes === null ? "" : `, ${bytes(missing.bytes)}`}, not kept`}</span>
      </div>
    );
  return (
    <article class={`requests-message ${role}`}>
      <button type="button" class="requests-message-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={open ? "down" : "right"} size={12} />
        <span class={`requests-role ${role}`}>{number === null ? "answer" : role}</span>
        {!open && <span class="clip soft">{headline(message)}</span>}
      </button>
      {open && (
        <div class="requests-parts">
          {parts.length === 0 && <p class="faint">empty</p>}
          {parts.map((part, index) => (
            <Part key={index} part={part} />
          ))}
        </div>
      )}
    </article>
  );
}

function Part({ part }: { readonly part: MessagePart }) {
  switch (part.type) {
    case "text":
      return <LongText text={part.text} label="text" />;
    case "reasoning":
      return (
        <div class="requests-reasoning">
          <Badge>reasoning</Badge>
          <LongText text={part.text} label="reasoning" />
        </div>
      );
    case "media":
      return (
        <p class="row">
          <Badge tone="info">{part.kind}</Badge> <span class="soft requests-break">{part.facts}</span>
        </p>
      );
    case "tool-call":
      return (
        <div class="requests-tool">
          <p class="row">
            <Badge tone="accent">calls {part.name}</Badge>
            {part.id !== "" && <code class="faint small clip">{part.id}</code>}
          </p>
          <CodeBlock code={part.input} label={`arguments of ${part.name}`} wrap />
        </div>
      );
    case "tool-result":
      return (
        <div class="requests-tool">
          <p class="row">
            <Badge>result of a tool</Badge>
            {part.id !== "" && <code class="faint small clip">{part.id}</code>}
          </p>
          <LongText text={part.text} label="result of a tool" mono />
        </div>
      );
  }
}
