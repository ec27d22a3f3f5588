// Tools, the choice among them and the answer's form, in the OpenAI dialect.
import type { ResponseFormat, Tool, ToolChoice } from "../../core/chat.ts";
import { placed } from "../places.ts";
import {
  compact,
  isObject,
  type JsonObject,
  optionalBoolean,
  optionalObject,
  optionalString,
  requireObject,
  requireString,
  wrongField,
} from "../read.ts";
import { decodeCacheControl } from "./decode-messages.ts";

function decodeFunction(body: JsonObject, field: string): Tool {
  return compact({
    type: "function",
    name: requireString(body["name"], `${field}.name`),
    description: optionalString(body["description"], `${field}.description`),
    parameters: optionalObject(body["parameters"], `${field}.parameters`),
    strict: optionalBoolean(body["strict"], `${field}.strict`),
  });
}

/** Reads a list of tools; `others` are tools that the canonical form does not know, as they came. */
export function decodeTools(values: readonly unknown[], others: unknown[]): Tool[] {
  const tools: Tool[] = [];
  for (const [n, value] of values.entries()) {
    const tool = requireObject(value, `tools[${n}]`);
    if (requireString(tool["type"], `tools[${n}].type`) === "function") {
      const body = requireObject(tool["function"], `tools[${n}].function`);
      const decoded = { ...decodeFunction(body, `tools[${n}].function`), ...decodeCacheControl(tool["cache_control"]) };
      tools.push(placed(decoded, `tools[${n}]`));
    } else {
      others.push(placed(tool, `tools[${n}]`));
    }
  }
  return tools;
}

/** Reads the deprecated `functions`. */
export function decodeFunctions(values: readonly unknown[]): Tool[] {
  return values.map((value, n) =>
    placed(decodeFunction(requireObject(value, `functions[${n}]`), `functions[${n}]`), `functions[${n}]`),
  );
}

export function encodeTool(tool: Tool): JsonObject {
  const { name, description, parameters, strict } = tool;
  return { type: "function", function: compact({ name, description, parameters, strict }) };
}

const EXPECTED_CHOICE = 'one of "none", "auto", "required" or an object that names a function';

/** Reads tool_choice, or the deprecated function_call. */
export function decodeToolChoice(value: unknown, field: string): ToolChoice {
  if (value === "auto" || value === "none" || value === "required") return { type: value };
  // Anthropic's word, which many clients of this dialect use
  if (value === "any") return { type: "required" };
  if (!isObject(value)) throw wrongField(field, EXPECTED_CHOICE);
  const allowed = value["allowed_tools"];
  if (isObject(allowed)) return { type: allowed["mode"] === "required" ? "required" : "auto" };
  const named = isObject(value["function"]) ? value["function"] : isObject(value["custom"]) ? value["custom"] : value;
  return { type: "tool", name: requireString(named["name"], `${field}.function.name`) };
}

export function encodeToolChoice(choice: ToolChoice): unknown {
  return choice.type === "tool" ? { type: "function", function: { name: choice.name } } : choice.type;
}

export function decodeResponseFormat(value: unknown): ResponseFormat | undefined {
  const format = optionalObject(value, "response_format");
  if (format === undefined) return undefined;
  const type = requireString(format["type"], "response_format.type");
  if (type === "text") return { type: "text" };
  if (type === "json_object") return { type: "json" };
  if (type !== "json_schema") throw wrongField("response_format.type", "one of text, json_object, json_schema");
  const body = requireObject(format["json_schema"], "response_format.json_schema");
  return compact({
    type: "json-schema",
    name: requireString(body["name"], "response_format.json_schema.name"),
    schema: optionalObject(body["schema"], "response_format.json_schema.schema") ?? {},
    strict: optionalBoolean(body["strict"], "response_format.json_schema.strict"),
    description: optionalString(body["description"], "response_format.json_schema.description"),
  });
}

export function encodeResponseFormat(format: ResponseFormat): JsonObject {
  if (format.type === "text") return { type: "text" };
  if (format.type === "json") return { type: "json_object" };
  const { name, schema, strict, description } = format;
  return { type: "json_schema", json_schema: compact({ name, schema, strict, description }) };
}
