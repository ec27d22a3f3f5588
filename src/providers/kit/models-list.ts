// Reads the models lists of OpenAI-like providers, whatever they call the size of the context window.
import { InvalidAnswerError } from "../../core/formats.ts";
import type { ProviderAdapter } from "../../core/provider.ts";

export type ListedModels = ReturnType<ProviderAdapter["readModels"]>;
type ListedModel = ListedModels[number];

const WINDOW_NAMES = [
  "context_length",
  "context_window",
  "max_context_length",
  "max_model_len",
  "max_prompt_length",
  "max_input_tokens",
  "context_size",
];
/** No provider has more; a list beyond it is an attempt on our memory. */
const MAX_MODELS = 20_000;
const MAX_ID = 300;

function positive(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.floor(value) : null;
}

function isId(value: unknown): value is string {
  // oxlint-disable-next-line no-control-regex
  return typeof value === "string" && value !== "" && value.length <= MAX_ID && !/[\x00-\x1f\x7f]/.test(value);
}

/** Unix seconds, of a number or an RFC 3339 text. */
function createdOf(record: Record<string, unknown>): number | null {
  const seconds = positive(record["created"]);
  if (seconds !== null) return seconds;
  const text = record["created_at"];
  if (typeof text !== "string") return positive(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.floor(at / 1000);
}

function readModel(entry: unknown): ListedModel | null {
  if (typeof entry !== "object" || entry === null) return null;
  const record = entry as Record<string, unknown>;
  const id = record["id"];
  if (!isId(id)) return null;
  const owner = record["owned_by"] ?? record["organization"];
  let contextWindow: number | null = null;
  for (const name of WINDOW_NAMES) contextWindow ??= positive(record[name]);
  return { id, contextWindow, created: createdOf(record), ownedBy: typeof owner === "string" ? owner : null };
}

/** `{data: [...]}` or a bare list. Entries without a usable id are left out, of repeated ids the first stays. */
export function readModelsList(body: unknown): ListedModels {
  const list = Array.isArray(body) ? body : (body as { data?: unknown } | null | undefined)?.data;
  if (!Array.isArray(list)) throw new InvalidAnswerError("the models list is neither a list nor an object with `data`");
  if (list.length > MAX_MODELS) throw new InvalidAnswerError(`the models list has more than ${MAX_MODELS} entries`);
  const models = new Map<string, ListedModel>();
  for (const entry of list) {
    const model = readModel(entry);
    if (model !== null && !models.has(model.id)) models.set(model.id, model);
  }
  return [...models.values()];
}
