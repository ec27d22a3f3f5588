// Makes a value that fits a JSON Schema, always the same one; for tool arguments and structured answers.

type Json = Record<string, unknown>;

const DEEPEST = 12;

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function typeOf(schema: Json): string {
  const type = Array.isArray(schema["type"]) ? schema["type"].find((name) => name !== "null") : schema["type"];
  if (typeof type === "string") return type;
  return isJson(schema["properties"]) ? "object" : "";
}

function resolve(schema: Json, root: Json): Json {
  const ref = schema["$ref"];
  if (typeof ref === "string" && ref.startsWith("#/")) {
    let found: unknown = root;
    for (const step of ref.slice(2).split("/"))
      found = isJson(found) && Object.hasOwn(found, step) ? found[step] : undefined;
    return isJson(found) ? found : {};
  }
  for (const name of ["anyOf", "oneOf", "allOf"]) {
    const options = schema[name];
    if (Array.isArray(options)) return options.find((option) => isJson(option) && option["type"] !== "null") ?? {};
  }
  return schema;
}

function sampleObject(schema: Json, text: string, root: Json, depth: number): Json {
  const properties = isJson(schema["properties"]) ? schema["properties"] : {};
  const entries = Object.entries(properties).map(([name, inner]) => [name, sample(inner, text, root, depth + 1)]);
  return Object.fromEntries(entries) as Json;
}

function sample(value: unknown, text: string, root: Json, depth: number): unknown {
  if (!isJson(value) || depth > DEEPEST) return null;
  const schema = resolve(value, root);
  if (schema["const"] !== undefined) return schema["const"];
  if (Array.isArray(schema["enum"]) && schema["enum"].length > 0) return schema["enum"][0];
  switch (typeOf(schema)) {
    case "object":
      return sampleObject(schema, text, root, depth);
    case "array":
      return [sample(schema["items"] ?? { type: "string" }, text, root, depth + 1)];
    case "integer":
    case "number":
      return typeof schema["minimum"] === "number" ? schema["minimum"] : 1;
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return text.slice(0, typeof schema["maxLength"] === "number" ? schema["maxLength"] : 100);
  }
}

/** A value for the schema; texts in it quote `text`. A schema that says nothing gives `{"answer": text}`. */
export function sampleOf(schema: unknown, text: string): unknown {
  if (!isJson(schema) || Object.keys(schema).length === 0) return { answer: text.slice(0, 100) };
  return sample(schema, text, schema, 0);
}
