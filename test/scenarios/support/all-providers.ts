// The configuration of the SDK tests: one key each at OpenAI, Anthropic and Azure.
import { AZURE_ENDPOINT } from "./house.ts";

export const ALL_PROVIDERS = `{ "providers": {
  "openai":    { "keys": [ { "name": "o", "value": "sk-openai", "models": ["*"], "weight": 1.0 } ] },
  "anthropic": { "keys": [ { "name": "a", "value": "sk-ant", "models": ["*"], "weight": 1.0 } ] },
  "azure":     { "keys": [ { "name": "z", "value": "az-key", "models": ["*"], "weight": 1.0,
    "azure_key_config": { "endpoint": "${AZURE_ENDPOINT}", "api_version": "2024-10-21" } } ] }
} }`;

/** One pixel. */
export const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

export const EVENT_SCHEMA = {
  type: "object",
  properties: {
    name: { type: "string" },
    date: { type: "string" },
    participants: { type: "array", items: { type: "string" } },
  },
  required: ["name", "date", "participants"],
  additionalProperties: false,
} as const;

export const WEATHER_SCHEMA = {
  type: "object",
  properties: { city: { type: "string" }, unit: { type: "string", enum: ["celsius", "fahrenheit"] } },
  required: ["city"],
} as const;
