// The operations that a client can ask for, and how they are called in requests, records and answers.

export type Operation = "chat" | "completions" | "embeddings" | "models";

/** The request type as answers, metrics and `allowed_requests` spell it. */
export function requestType(operation: Operation, stream: boolean): string {
  switch (operation) {
    case "chat":
      return stream ? "chat_completion_stream" : "chat_completion";
    case "completions":
      return stream ? "text_completion_stream" : "text_completion";
    case "embeddings":
      return "embedding";
    case "models":
      return "list_models";
  }
}
