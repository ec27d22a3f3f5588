// Sends a chat request as the operator and tells the answer piece by piece.
import { request } from "./client.ts";
import { ApiError, errorOf, toApiError } from "./errors.ts";
import { SseReader } from "./sse.ts";

export interface ChatCall {
  /** A chat request as it goes to /v1/chat/completions; it is streamed. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Id of the virtual key that it is made as; null = as nobody. */
  readonly virtualKeyId: string | null;
  readonly signal: AbortSignal;
  /** Each further piece of text. */
  onText(text: string): void;
}

/** What came of it. */
export interface ChatEnd {
  /** Of the request in the log; null = it has none. */
  readonly id: string | null;
  /** Null: it was answered to its end. */
  readonly error: ApiError | null;
}

/** Rejects only when it was given up by its signal. */
export async function streamChat({ body, virtualKeyId, signal, onText }: ChatCall): Promise<ChatEnd> {
  let id: string | null = null;
  try {
    const answer = await request(
      "POST",
      "/api/playground/chat/completions",
      { ...body, stream: true },
      {
        signal,
        headers: { "x-bf-playground-vk": virtualKeyId ?? "none" },
      },
    );
    id = answer.headers.get("x-request-id");
    if (!answer.ok || answer.body === null)
      return { id, error: errorOf(answer.status, await answer.text(), answer.headers.get("retry-after")) };
    return { id, error: await readAnswer(answer.body, onText) };
  } catch (error) {
    if (signal.aborted) throw error;
    return { id, error: toApiError(error) };
  }
}

async function readAnswer(body: ReadableStream<Uint8Array>, onText: (text: string) => void): Promise<ApiError | null> {
  const reader = new SseReader();
  const decoder = new TextDecoder();
  const bytes = body.getReader();
  for (;;) {
    const { done, value } = await bytes.read();
    if (done) return new ApiError("the answer broke off before its end", { status: 200, code: "broken_stream" });
    for (const { data } of reader.push(decoder.decode(value, { stream: true }))) {
      if (data.trim() === "[DONE]") return null;
      const piece = JSON.parse(data) as Piece;
      if (piece.error !== undefined) return errorOf(200, data, null);
      const text = piece.choices?.[0]?.delta?.content;
      if (typeof text === "string" && text !== "") onText(text);
    }
  }
}

interface Piece {
  readonly error?: unknown;
  readonly choices?: readonly { readonly delta?: { readonly content?: unknown } }[];
}
