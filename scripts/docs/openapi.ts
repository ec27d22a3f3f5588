// The description of the whole API in OpenAPI 3.1: paths from the routes that the gateway answers, shapes from its configuration schema.
import { controlRoutes } from "../../src/admin/control-routes.ts";
import type { AdminHouse } from "../../src/admin/house.ts";
import { logRoutes } from "../../src/admin/logs.ts";
import { editorSchema } from "../build-schema.ts";
import { OPERATIONS, type OperationText } from "./operations.ts";

type Json = { readonly [word: string]: unknown };

/** What stands for a part of the house while only the addresses of its routes are asked for. */
function nobody(): never {
  const target = (): unknown => self;
  const self: unknown = new Proxy(target, {
    get: (_target, name) => {
      if (name === Symbol.iterator) return function* () {};
      return name === Symbol.toPrimitive ? () => "" : self;
    },
    apply: () => self,
    construct: () => self as object,
  });
  return self as never;
}

/** Addresses that people's browsers are given pages at: no part of the API. */
const PAGES = new Set(["page", "asset"]);

/** Method and path of every route that answers programs. */
export function routeNames(): string[] {
  const all = [...controlRoutes(nobody() as AdminHouse), ...logRoutes(nobody(), Date.now)];
  const programs = all.filter(
    ({ demands, path }) =>
      !PAGES.has(demands) && !/^\/(assets|favicon|setup|login|docs|llms|openapi|config\.schema)/.test(path),
  );
  return [...new Set(programs.map(({ method, path }) => `${method} ${path}`))];
}

/** Routes of the loop, which no table of the control plane has. */
export const LOOP_ROUTES: readonly string[] = [
  "POST /v1/chat/completions",
  "POST /v1/completions",
  "POST /v1/embeddings",
  "POST /anthropic/v1/messages",
  "POST /api/playground/chat/completions",
  "GET /health",
];

const CHAT_REQUEST: Json = {
  type: "object",
  required: ["model", "messages"],
  properties: {
    model: { type: "string", description: "`provider/model`, or a bare model.", examples: ["openai/gpt-4o-mini"] },
    messages: {
      type: "array",
      items: { type: "object", required: ["role"], properties: { role: { type: "string" }, content: {} } },
    },
    stream: { type: "boolean", default: false },
    fallbacks: { type: "array", items: { type: "string" }, description: "`provider/model`, tried in this order." },
    max_tokens: { type: "integer" },
    temperature: { type: "number" },
    tools: { type: "array", items: { type: "object" } },
  },
  additionalProperties: true,
};

const ERROR: Json = {
  type: "object",
  properties: {
    type: { type: "string" },
    is_bifrost_error: { type: "boolean" },
    status_code: { type: "integer" },
    error: {
      type: "object",
      properties: {
        type: { type: "string" },
        code: { type: "string" },
        message: { type: "string" },
        param: { type: "string" },
      },
    },
  },
};

/** The document; `version` is the gateway's. */
export function openApi(version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const name of [...LOOP_ROUTES, ...routeNames()]) {
    const [method = "", path = ""] = name.split(" ");
    // a test demands a text for each; what is being worked on is built all the same
    const text = OPERATIONS[name] ?? { tag: "System", summary: "" };
    (paths[path] ??= {})[method.toLowerCase()] = operation(name, path, text);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Drawbridge",
      version,
      description: "One OpenAI-compatible URL in front of every model, and the management of the gateway behind it.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/", description: "This gateway." }],
    security: [{ virtualKey: [] }, { bearer: [] }, { session: [] }, {}],
    tags: [...new Set(Object.values(OPERATIONS).map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: { schemas: schemas(), securitySchemes: SECURITY },
  };
}

const SECURITY: Json = {
  virtualKey: { type: "apiKey", in: "header", name: "x-bf-vk", description: "A virtual key, for inference." },
  bearer: {
    type: "http",
    scheme: "bearer",
    description: "A virtual key for inference, a session token for management.",
  },
  session: { type: "apiKey", in: "cookie", name: "token", description: "The session of the login." },
};

function operation(name: string, path: string, text: OperationText): Json {
  const parameters = [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, one]) => ({
      name: one,
      in: "path",
      required: true,
      schema: { type: "string" },
    })),
    ...Object.entries(text.query ?? {}).map(([one, description]) => ({
      name: one,
      in: "query",
      description,
      schema: { type: "string" },
    })),
  ];
  const type = text.type ?? "application/json";
  const content = { [type]: text.answer === undefined ? {} : { example: text.answer } };
  return {
    operationId: name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "_")
      .replace(/_$/, ""),
    tags: [text.tag],
    summary: text.summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...bodyOf(text),
    responses: {
      200: { description: "Done.", content },
      default: {
        description: "An error.",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    },
  };
}

function bodyOf({ body, example }: OperationText): Json {
  if (body === undefined && example === undefined) return {};
  const schema = typeof body === "string" ? { $ref: `#/components/schemas/${body}` } : (body ?? { type: "object" });
  return {
    requestBody: { content: { "application/json": { schema, ...(example === undefined ? {} : { example }) } } },
  };
}

/** The parts of the configuration under their names, and what stands in lists of `governance`. */
function schemas(): Json {
  const whole = editorSchema() as {
    $defs: Json;
    properties: { governance: { properties: Record<string, { items?: unknown }> } };
  };
  const lists = whole.properties.governance.properties;
  const item = (list: string): unknown => lists[list]?.items ?? { type: "object" };
  const found: Json = {
    ...whole.$defs,
    customer: item("customers"),
    team: item("teams"),
    model_config: item("model_configs"),
    routing_rule: item("routing_rules"),
    pricing_override: item("pricing_overrides"),
    ChatRequest: CHAT_REQUEST,
    Error: ERROR,
  };
  return JSON.parse(JSON.stringify(found).replaceAll("#/$defs/", "#/components/schemas/")) as Json;
}
