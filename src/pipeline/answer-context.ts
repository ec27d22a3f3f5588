// What the encoders for clients are told of an exchange.
import type { AnswerContext } from "../core/formats.ts";
import { askedModel, extraFields } from "./facts.ts";
import type { AttemptLine } from "./sink.ts";

/** About four bytes of body to a token: told first by dialects that begin a stream with the input count. */
const BYTES_PER_TOKEN = 4;

export function answerContext(line: AttemptLine): AnswerContext {
  const { exchange, record } = line;
  return {
    model: askedModel(exchange),
    includeUsage: exchange.includeUsage,
    extraFields: exchange.endpoint.extraFields ? () => extraFields(exchange, record) : null,
    inputEstimate: Math.ceil(exchange.request.body.bytes.length / BYTES_PER_TOKEN),
  };
}
