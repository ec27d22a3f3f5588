// The demo's text completions, in OpenAI's legacy form.
import type { Composition } from "./compose.ts";
import { CREATED, type DemoForm, sse, type ToldUsage } from "./form.ts";
import { FINISH, openaiForm } from "./openai-form.ts";

type Choice = Record<string, unknown>;

function choice(index: number, text: string, reason: string | null): Choice {
  return { text, index, logprobs: null, finish_reason: reason };
}

function object(composition: Composition, choices: readonly Choice[], extra: Record<string, unknown> = {}) {
  return {
    id: `cmpl-${composition.id}`,
    object: "text_completion",
    created: CREATED,
    model: composition.model,
    choices,
    ...extra,
    system_fingerprint: "fp_demo",
  };
}

/** The numbers of the choices. */
function indexes(composition: Composition): number[] {
  return Array.from({ length: composition.choices }, (_, index) => index);
}

function body(composition: Composition, told: ToldUsage): Record<string, unknown> {
  const choices = indexes(composition).map((index) => choice(index, composition.text, FINISH[composition.stopReason]));
  return object(composition, choices, told === null ? {} : { usage: told });
}

function events(composition: Composition, told: ToldUsage): string[] {
  const empty = composition.includeUsage ? { usage: null } : {};
  const list = indexes(composition).flatMap((index) =>
    composition.pieces.map((piece) => sse(object(composition, [choice(index, piece, null)], empty))),
  );
  for (const index of indexes(composition))
    list.push(sse(object(composition, [choice(index, "", FINISH[composition.stopReason])], empty)));
  if (composition.includeUsage && told !== null) list.push(sse(object(composition, [], { usage: told })));
  return list;
}

/** Refuses and breaks off as chat does; nothing comes before the first content. */
export const textForm: DemoForm = { ...openaiForm, body, events, prefaces: 0 };
