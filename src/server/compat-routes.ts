// Paths of operations that clients of this kind of gateway know and that are not offered here yet.

/** Below /v1, each spelling of the OpenAI drop-in and each deployment in Azure's style. */
export const OPENAI_OPERATIONS: readonly (readonly [string, string])[] = [
  ["responses", "responses"],
  ["rerank", "rerank"],
  ["ocr", "ocr"],
  ["moderations", "moderation"],
  ["audio/speech", "speech"],
  ["audio/transcriptions", "transcription"],
  ["audio/translations", "translation"],
  ["images/generations", "image_generation"],
  ["images/edits", "image_edit"],
  ["images/variations", "image_variation"],
  ["videos", "video_generation"],
  ["batches", "batch"],
  ["files", "file"],
  ["containers", "container"],
  ["realtime", "realtime"],
];

const UNIFIED_OPERATIONS: readonly (readonly [string, string])[] = [
  ["/v1/async", "async jobs"],
  ["/v1/mcp/tool/execute", "mcp tool execution"],
  ["/mcp", "the mcp gateway"],
];

const ANTHROPIC_OPERATIONS: readonly (readonly [string, string])[] = [
  ["/anthropic/v1/complete", "text_completion"],
  ["/anthropic/v1/models", "list_models in Anthropic's form"],
  ["/anthropic/v1/messages/count_tokens", "count_tokens"],
  ["/anthropic/v1/messages/batches", "batch"],
  ["/anthropic/v1/files", "file"],
];

/** Dialects, frameworks and passthroughs that stand under a prefix of their own. */
const PREFIXES: readonly (readonly [string, string])[] = [
  ["/genai", "the genai dialect"],
  ["/bedrock", "the bedrock dialect"],
  ["/cohere", "the cohere dialect"],
  ["/litellm", "the litellm prefix"],
  ["/langchain", "the langchain prefix"],
  ["/pydanticai", "the pydanticai prefix"],
  ["/cursor", "the cursor prefix"],
  ["/openai_passthrough", "passthrough"],
  ["/anthropic_passthrough", "passthrough"],
  ["/azure_passthrough", "passthrough"],
  ["/genai_passthrough", "passthrough"],
  ["/chatgpt_passthrough", "passthrough"],
];

/** Path (with all below it) and the operation that stands there. */
export const COMPAT_SUBTREES: readonly (readonly [string, string])[] = [
  ...["/v1", "/openai/v1", "/openai", "/openai/openai", "/openai/openai/v1"].flatMap((root) =>
    OPENAI_OPERATIONS.map(([path, operation]) => [`${root}/${path}`, operation] as const),
  ),
  ...UNIFIED_OPERATIONS,
  ...ANTHROPIC_OPERATIONS,
  ...PREFIXES,
];
