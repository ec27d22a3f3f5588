// The operations that a client can ask for, and how they are called in requests, records and answers.

export type Operation =
  | "chat"
  | "completions"
  | "responses"
  | "embeddings"
  | "rerank"
  | "moderation"
  | "count-tokens"
  | "ocr"
  | "speech"
  | "transcription"
  | "translation"
  | "image-generation"
  | "image-edit"
  | "image-variation"
  | "models";

/** Request type of each: plain and streamed. */
const TYPES: Readonly<Record<Operation, readonly [plain: string, streamed: string]>> = {
  chat: ["chat_completion", "chat_completion_stream"],
  completions: ["text_completion", "text_completion_stream"],
  responses: ["responses", "responses_stream"],
  embeddings: ["embedding", "embedding"],
  rerank: ["rerank", "rerank"],
  moderation: ["moderation", "moderation"],
  "count-tokens": ["count_tokens", "count_tokens"],
  ocr: ["ocr", "ocr"],
  speech: ["speech", "speech_stream"],
  transcription: ["transcription", "transcription_stream"],
  translation: ["translation", "translation"],
  "image-generation": ["image_generation", "image_generation_stream"],
  "image-edit": ["image_edit", "image_edit_stream"],
  "image-variation": ["image_variation", "image_variation"],
  models: ["list_models", "list_models"],
};

/** The request type as answers, metrics and `allowed_requests` spell it. */
export function requestType(operation: Operation, stream: boolean): string {
  return TYPES[operation][stream ? 1 : 0];
}
