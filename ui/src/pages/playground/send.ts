// Sends a chat request of the playground and tells how its answer grows.
import { request } from "../../api/client.ts";
import { toApiError } from "../../api/errors.ts";
import { SseReader } from "../../api/sse.ts";
import { type AnswerContent, addChunk, errorIn, NO_CONTENT, wholeAnswer } from "./answer-reader.ts";
import type { Answer } from "./conversation.ts";

const PATH = "/api/playground/chat/completions";

export interface Sending {
  readonly answer: Answer;
  /** Id of the virtual key to send as; null = none. */
  readonly keyId: string | null;
  readonly signal: AbortSignal;
  /** Called at most once a frame, and at the end. */
  readonly onChange: (change: Partial<Answer>) => void;
}

/** Never rejects: what goes wrong is part of the answer. */
export async function sendChat({ answer, keyId, signal, onChange }: Sending): Promise<void> {
  const began = performance.now();
  const after = (): number => performance.now() - began;
  try {
    const reply = await request("POST", PATH, answer.body, {
      signal,
      headers: {
        accept: "*/*",
        "x-request-id": answer.ownId,
        ...(keyId === null ? {} : { "x-bf-playground-vk": keyId }),
      },
    });
    if (!reply.ok) {
      const retryAfter = Number(reply.headers.get("retry-after")) || null;
      const error = errorIn(await reply.text(), { status: reply.status, retryAfter });
      return onChange({ state: "failed", error, endAfter: after() });
    }
    const isStream = (reply.headers.get("content-type") ?? "").startsWith("text/event-stream");
    const content = isStream ? await readStream(reply, onChange, after) : wholeAnswer(await reply.text());
    onChange({ content, error: content.error, state: content.error === null ? "done" : "failed", endAfter: after() });
  } catch (thrown) {
    if (signal.aborted) return onChange({ state: "stopped", endAfter: after() });
    const { status, code, message } = toApiError(thrown);
    onChange({ state: "failed", error: { status, code, message, retryAfter: null, body: "" }, endAfter: after() });
  }
}

async function readStream(reply: Response, onChange: Sending["onChange"], after: () => number): Promise<AnswerContent> {
  const events = new SseReader();
  const decoder = new TextDecoder();
  let content = NO_CONTENT;
  let isDue = false;
  let firstAfter: number | null = null;
  const show = () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      onChange({ content, firstAfter });
    });
  };
  for await (const bytes of bytesOf(reply)) {
    for (const { data } of events.push(decoder.decode(bytes, { stream: true }))) content = addChunk(content, data);
    const hasBegun = content.text !== "" || content.reasoning !== "" || content.toolCalls.length > 0;
    if (hasBegun && firstAfter === null) {
      firstAfter = after();
      onChange({ state: "streaming", firstAfter });
    }
    show();
  }
  return content;
}

async function* bytesOf(reply: Response): AsyncGenerator<Uint8Array> {
  const reader = reply.body?.getReader();
  for (;;) {
    const part = await reader?.read();
    if (part === undefined || part.done) return;
    yield part.value;
  }
}
