// Decides what the demo server does with a request: refuse it as bad, list models, embed, or play its model's behaviour.
import { findDemoModel } from "./models.ts";
import type { DemoOptions, DemoRequest } from "./options.ts";
import { embed, listModels } from "./other-operations.ts";
import type { Play } from "./scene.ts";

export interface Choice {
  /** For the record. */
  readonly behaviour: string;
  readonly play: Play;
  readonly parts: readonly string[];
}

function choose(behaviour: string, play: Play, parts: readonly string[] = []): Choice {
  return { behaviour, play, parts };
}

function named(name: string, request: DemoRequest): Choice | undefined {
  const found = findDemoModel(name);
  if (found === undefined) return undefined;
  const { model, parts } = found;
  // The behaviours that answer well answer with what was asked for.
  if (request.operation === "embeddings" && name === "echo") return choose("embed", embed);
  if (request.operation === "models" && name === "echo") return choose("list-models", listModels);
  return choose(name, model.play, parts);
}

function unknownModel(request: DemoRequest): Choice {
  return choose("unknown-model", (scene) =>
    scene.refuse(404, "unknown-model", `The model \`${request.model}\` does not exist; GET /v1/models lists them.`),
  );
}

function ownChoice(request: DemoRequest, options: DemoOptions): Choice {
  if (request.operation === "models") return choose("list-models", listModels);
  if (request.json === null)
    return choose("bad-json", (scene) => scene.refuse(400, "invalid-request", "The body is no JSON object."));
  if (request.model === "")
    return choose("no-model", (scene) => scene.refuse(400, "invalid-request", "`model` is missing."));
  if (request.operation === "chat" && !Array.isArray(request.json["messages"]))
    return choose("no-messages", (scene) => scene.refuse(400, "invalid-request", "`messages` is missing."));
  if (request.operation === "completions" && (request.json["prompt"] ?? null) === null)
    return choose("no-prompt", (scene) => scene.refuse(400, "invalid-request", "`prompt` is missing."));
  const found = named(request.model, request);
  if (found !== undefined) return found;
  if (!options.acceptAnyModel) return unknownModel(request);
  return named("echo", request) ?? unknownModel(request);
}

/** The behaviour for this request; `options.behaviour` is asked first. */
export function choosePlay(request: DemoRequest, options: DemoOptions): Choice {
  if (request.operation === "unknown") return choose("not-found", (scene) => scene.refuse(404, "not-found"));
  if (request.method !== (request.operation === "models" ? "GET" : "POST"))
    return choose("wrong-method", (scene) => scene.refuse(405, "invalid-request", "Wrong method."));
  const told = options.behaviour?.(request);
  if (told === null || told === undefined) return ownChoice(request, options);
  const missing: Play = (scene) => scene.refuse(500, "server-error", `The demo knows no behaviour "${told}".`);
  return named(told, request) ?? choose("no-such-behaviour", missing);
}
