// Reads what a simulation asks: the request as it would be sent, its caller, and what to assume.
import type { JsonObject } from "../core/config-store.ts";
import { saidOfConversion } from "../core/conversions.ts";
import type { Assumptions, LimitUse, RequestFeatures } from "../core/decision.ts";
import { deploymentModel, splitDeployment } from "../core/deployment-path.ts";
import { GatewayError } from "../core/errors.ts";
import type { HeaderView } from "../core/http.ts";
import type { Operation } from "../core/operations.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { planeHeaders } from "../lib/channel/bridge-responder.ts";
import { nearestName } from "../lib/nearest.ts";
import { asObject, asText, asTexts, asWholeNumber, refuseUnknown } from "./read-json.ts";
import { SimulatedRuleFacts } from "./simulated-facts.ts";

const FIELDS = ["method", "path", "headers", "body", "config", "assume", "seed", "draws", "virtual_key", "draft"];
const MOST_DRAWS = 100_000;
const MAX_SEED = 0xffff_ffff;
const DEFAULT_PATH = "/v1/chat/completions";

/** URL → what it asks for, and the provider that a bare model means there. */
const ROUTES: readonly (readonly [RegExp, Operation, string | null])[] = [
  [/^\/v1\/chat\/completions$/, "chat", null],
  [/^\/v1\/completions$/, "completions", null],
  [/^\/v1\/embeddings$/, "embeddings", null],
  [/^\/openai(?:\/openai)?(?:\/v1)?\/chat\/completions$/, "chat", "openai"],
  [/^\/openai(?:\/openai)?(?:\/v1)?\/completions$/, "completions", "openai"],
  [/^\/openai(?:\/openai)?(?:\/v1)?\/embeddings$/, "embeddings", "openai"],
  [/^\/anthropic\/v1\/messages$/, "chat", "anthropic"],
];

/** Behind a deployment in Azure's style, where the path names the model. */
const DEPLOYED: Readonly<Record<string, Operation>> = {
  "chat/completions": "chat",
  completions: "completions",
  embeddings: "embeddings",
};

/** What a path asks for. `model` where the path names it. */
interface PathMeaning {
  readonly operation: Operation;
  readonly ownProvider: string | null;
  readonly model: string | null;
}

function readPath(path: string): PathMeaning {
  const route = ROUTES.find(([pattern]) => pattern.test(path));
  if (route !== undefined) return { operation: route[1], ownProvider: route[2], model: null };
  const split = splitDeployment(path);
  const operation = split === null ? undefined : DEPLOYED[split.operation];
  if (split === null || operation === undefined)
    throw new GatewayError(
      "invalid_request",
      `'path' is no inference route that can be simulated; try ${DEFAULT_PATH}`,
      { param: "path" },
    );
  const name = decodeName(split.deployment);
  return { operation, ownProvider: "azure", model: deploymentModel(name, (provider) => provider !== "") };
}

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new GatewayError("invalid_request", "'path' is not encoded as a URL's is", { param: "path" });
  }
}

export interface SimulatedRequest {
  /** All but the virtual key, which the configuration knows. */
  readonly features: Omit<RequestFeatures, "virtualKey">;
  /** What routing rules see of it; the features hold it too. */
  readonly facts: SimulatedRuleFacts;
  readonly headers: HeaderView;
  /** Name, id or secret of a virtual key; null = whatever the headers carry. */
  readonly virtualKey: string | null;
  /** A virtual key that nobody has stored: the caller. null = none. */
  readonly draft: JsonObject | null;
  /** A routing rule that nobody has stored, in the place of the one with its id. null = none. */
  readonly draftRule: JsonObject | null;
  /** Text of a configuration to use instead of the one in force. */
  readonly config: string | null;
  readonly assume: unknown;
  readonly seed: number | null;
  readonly draws: number;
}

/** Throws GatewayError naming the field at fault. */
export function readSimulatedRequest(input: Record<string, unknown>): SimulatedRequest {
  refuseUnknown(input, FIELDS);
  const { config, virtual_key: virtualKey } = input;
  const headers = readHeaders(input["headers"]);
  const features = readFeatures(input, headers);
  const query = String(input["path"] ?? "").split("?")[1] ?? "";
  const facts = new SimulatedRuleFacts(headers, asObject(input["body"], "body"), query);
  return {
    features: { ...features, ruleFacts: facts },
    facts,
    headers,
    virtualKey: virtualKey === undefined || virtualKey === null ? null : asText(virtualKey, "virtual_key"),
    draft: readDraft(input, "virtual_key"),
    draftRule: readDraft(input, "routing_rule"),
    config: config === undefined || config === null ? null : configText(config),
    assume: input["assume"],
    seed: input["seed"] === undefined || input["seed"] === null ? null : asWholeNumber(input["seed"], "seed", MAX_SEED),
    draws: asWholeNumber(input["draws"] ?? 0, "draws", MOST_DRAWS),
  };
}

/** What a draft cannot stand beside: they would mean two things at once. */
const EXCLUDED = { virtual_key: ["virtual_key", "config"], routing_rule: ["config"] } as const;

/** `draft: {"virtual_key": {…}, "routing_rule": {…}}`: bodies that would make or change them. */
function readDraft(input: Record<string, unknown>, member: keyof typeof EXCLUDED): JsonObject | null {
  const given = input["draft"] ?? null;
  if (given === null) return null;
  const draft = asObject(given, "draft");
  refuseUnknown(draft, Object.keys(EXCLUDED), "draft.");
  if (Object.keys(draft).length === 0)
    throw new GatewayError("missing_field", "'draft' holds nothing: a virtual_key, a routing_rule or both", {
      param: "draft",
    });
  if ((draft[member] ?? null) === null) return null;
  for (const other of EXCLUDED[member])
    if ((input[other] ?? null) !== null)
      throw new GatewayError("invalid_request", `'draft' and '${other}' exclude each other; send one of them`, {
        param: "draft",
      });
  return asObject(draft[member], `draft.${member}`) as JsonObject;
}

/** As an object its text is laid out in lines, so that findings can name theirs. */
function configText(config: unknown): string {
  if (typeof config === "string") return config;
  const file = asObject(config, "config");
  try {
    return JSON.stringify(file, null, 2);
  } catch {
    throw new GatewayError("invalid_request", "'config' is nested too deeply", { param: "config" });
  }
}

function readHeaders(value: unknown): HeaderView {
  const pairs = Object.entries(asObject(value ?? {}, "headers")).map(
    ([name, text]) => [name.toLowerCase(), asText(text, `headers.${name}`)] as const,
  );
  return planeHeaders(pairs);
}

function readFeatures(input: Record<string, unknown>, headers: HeaderView): Omit<RequestFeatures, "virtualKey"> {
  const method = input["method"] ?? "POST";
  if (typeof method !== "string" || method.toUpperCase() !== "POST")
    throw new GatewayError("invalid_request", "'method' must be POST: other inference calls are not routed", {
      param: "method",
    });
  const path = asText(input["path"] ?? DEFAULT_PATH, "path").split("?", 1)[0] as string;
  const asked = readPath(path);
  if (input["body"] === undefined)
    throw new GatewayError("missing_field", "'body' is missing: the request to simulate, at least {\"model\": …}", {
      param: "body",
    });
  const body = asObject(input["body"], "body");
  const stream = body["stream"] ?? false;
  if (typeof stream !== "boolean")
    throw new GatewayError("invalid_request", "'body.stream' must be true or false", { param: "body.stream" });
  const convertText = saidOfConversion(headers, "convert_text_to_chat");
  return {
    operation: asked.operation,
    stream,
    model: asked.model ?? asText(body["model"], "body.model"),
    fallbacks: readFallbacks(body["fallbacks"]),
    ownProvider: asked.ownProvider,
    ...(convertText === null ? {} : { convertText }),
    pinnedKey: headers.get("x-bf-api-key-id") ?? headers.get("x-bf-api-key") ?? null,
  };
}

/** Texts `provider/model`, or objects of both. */
function readFallbacks(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value))
    throw new GatewayError("invalid_fallback", "'body.fallbacks' must be a list", { param: "body.fallbacks" });
  return value.map((entry: unknown, index) => {
    const name = `body.fallbacks[${index}]`;
    if (typeof entry !== "object") return asText(entry, name);
    const pair = asObject(entry, name);
    return `${asText(pair["provider"], `${name}.provider`)}/${asText(pair["model"], `${name}.model`)}`;
  });
}

/** Percent, as expressions of routing rules call it. */
const PERCENTS = { budget_used: "budget", tokens_used: "tokens", request: "requests" } as const;

/** How much of the limits is to be taken as used. */
export function readAssumedUse(value: unknown): Partial<LimitUse> {
  const input = asObject(value ?? {}, "assume");
  const use: { budget?: number; tokens?: number; requests?: number } = {};
  for (const [name, member] of Object.entries(PERCENTS)) {
    const percent = input[name];
    if (percent === undefined || percent === null) continue;
    if (typeof percent !== "number" || !(percent >= 0 && percent <= 100))
      throw new GatewayError("invalid_request", `'assume.${name}' must be a number from 0 to 100 (percent)`, {
        param: `assume.${name}`,
      });
    use[member] = percent;
  }
  return use;
}

/** What to assume; names that the configuration does not know are refused, since they would assume nothing. */
export function readAssumptions(value: unknown, snapshot: Snapshot): Assumptions | null {
  if (value === undefined || value === null) return null;
  const input = asObject(value, "assume");
  refuseUnknown(input, ["down", "exhausted", "resting_keys", ...Object.keys(PERCENTS)], "assume.");
  const assume: Assumptions = {
    down: asTexts(input["down"], "assume.down"),
    exhausted: asTexts(input["exhausted"], "assume.exhausted"),
    restingKeys: asTexts(input["resting_keys"], "assume.resting_keys"),
  };
  const providers = [...snapshot.providers.keys()];
  for (const field of ["down", "exhausted"] as const)
    for (const [index, entry] of assume[field].entries())
      demandKnown(entry.split("/", 1)[0] as string, providers, `assume.${field}[${index}]`, "provider");
  const keys = [...snapshot.providers.values()].flatMap((provider) =>
    provider.keys.flatMap((key) => [key.id, key.name]),
  );
  for (const [index, entry] of assume.restingKeys.entries())
    demandKnown(entry, keys, `assume.resting_keys[${index}]`, "provider key");
  return assume;
}

function demandKnown(name: string, known: readonly string[], field: string, what: string): void {
  if (known.includes(name)) return;
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? "" : `; did you mean '${nearest}'?`;
  throw new GatewayError("invalid_request", `'${field}' names no configured ${what}${hint}`, { param: field });
}
