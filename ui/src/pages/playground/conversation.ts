// What was said so far: turns of the user, and the answers of one or two targets to each. Outlives a visit to another page.
import { signal } from "@preact/signals";
import { type AnswerContent, type AnswerError, NO_CONTENT } from "./answer-reader.ts";
import type { ChatMessage, Settings } from "./request-body.ts";
import { NO_SETTINGS } from "./request-body.ts";

/** `left`, and `right` where two are compared. */
export type Side = 0 | 1;

export interface Answer {
  readonly model: string;
  readonly state: "waiting" | "streaming" | "done" | "failed" | "stopped";
  readonly content: AnswerContent;
  readonly error: AnswerError | null;
  /** What went along as `x-request-id`, by which its record is found. */
  readonly ownId: string;
  /** ms since it was sent, as this page saw it. */
  readonly firstAfter: number | null;
  readonly endAfter: number | null;
  /** As it was sent. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly hasKey: boolean;
  /** What the reader lets the tools answer, by id of the call. */
  readonly results: Readonly<Record<string, string>>;
}

export interface Turn {
  readonly id: number;
  readonly user: string;
  readonly answers: readonly (Answer | null)[];
}

export const turns = signal<readonly Turn[]>([]);
/** Said before the first turn: of a record that was opened here. */
export const base = signal<readonly ChatMessage[]>([]);
export const draft = signal("");
export const settings = signal<Settings>(NO_SETTINGS);

let lastId = 0;

/** Begins a turn; answers come by `changeAnswer`. */
export function addTurn(user: string, answers: readonly (Answer | null)[]): number {
  const id = ++lastId;
  turns.value = [...turns.peek(), { id, user, answers }];
  return id;
}

export function changeAnswer(turn: number, side: number, change: (answer: Answer) => Answer): void {
  turns.value = turns.peek().map((one) =>
    one.id === turn
      ? {
          ...one,
          answers: one.answers.map((answer, at) => (answer !== null && at === side ? change(answer) : answer)),
        }
      : one,
  );
}

export function forget(): void {
  turns.value = [];
  base.value = [];
}

/** What a side has heard so far, for its next answer. */
export function messagesOf(said: readonly Turn[], before: readonly ChatMessage[], side: number): ChatMessage[] {
  return [...before, ...said.flatMap((turn) => turnMessages(turn, side))];
}

/** What failed, or was stopped before it said anything, is as if it was not asked. */
function turnMessages({ user, answers }: Turn, side: number): ChatMessage[] {
  const answer = answers[side];
  const asked: ChatMessage[] = user === "" ? [] : [{ role: "user", content: user }];
  if (answer === null || answer === undefined) return asked;
  const { text, toolCalls } = answer.content;
  if (text === "" && toolCalls.length === 0) return answer.state === "waiting" ? asked : [];
  if (toolCalls.length === 0) return [...asked, { role: "assistant", content: text }];
  return [
    ...asked,
    {
      role: "assistant",
      content: text === "" ? null : text,
      tool_calls: toolCalls.map(({ id, name, arguments: given }) => ({
        id,
        type: "function",
        function: { name, arguments: given },
      })),
    },
    ...toolCalls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: answer.results[id] ?? "" })),
  ];
}

/** A request on its way. */
export function newAnswer(model: string, body: Readonly<Record<string, unknown>>, hasKey: boolean): Answer {
  return {
    model,
    state: "waiting",
    content: NO_CONTENT,
    error: null,
    ownId: `playground-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`,
    firstAfter: null,
    endAfter: null,
    body,
    hasKey,
    results: {},
  };
}

export function isRunning(answer: Answer | null | undefined): boolean {
  return answer?.state === "waiting" || answer?.state === "streaming";
}
