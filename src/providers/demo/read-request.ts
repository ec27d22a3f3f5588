// Makes of a request's head and body what the demo's behaviours look at.
import type { Head } from "../../lib/http1/head.ts";
import type { DemoRequest } from "./options.ts";

function parse(body: Buffer): Record<string, unknown> | null {
  if (body.length === 0) return null;
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** Any prefix is taken: the server plays providers whose paths differ. */
function operationOf(path: string): DemoRequest["operation"] {
  if (path.endsWith("/chat/completions") || path.endsWith("/messages")) return "chat";
  if (path.endsWith("/completions")) return "completions";
  if (path.endsWith("/embeddings")) return "embeddings";
  return path.endsWith("/models") ? "models" : "unknown";
}

function keyOf(headers: Readonly<Record<string, string>>): string {
  const bearer = headers["authorization"];
  if (bearer !== undefined) return bearer.replace(/^Bearer /i, "");
  return headers["x-api-key"] ?? headers["api-key"] ?? "";
}

/** The body's model, or the deployment that the path names. */
function modelOf(json: Record<string, unknown> | null, path: string): string {
  const model = json?.["model"];
  const deployment = /\/deployments\/([^/]+)\//.exec(path)?.[1];
  const named = typeof model === "string" && model !== "" ? model : decodeURIComponent(deployment ?? "");
  return named.startsWith("demo/") ? named.slice(5) : named;
}

export function readDemoRequest(head: Head, body: Buffer): DemoRequest {
  const headers = Object.fromEntries(head.entries());
  const target = head.target();
  const path = target.split("?", 1)[0] as string;
  const json = parse(body);
  return {
    method: head.method(),
    target,
    headers,
    body,
    json,
    operation: operationOf(path),
    dialect: path.endsWith("/messages") || headers["anthropic-version"] !== undefined ? "anthropic" : "openai",
    model: modelOf(json, path),
    key: keyOf(headers),
    stream: json?.["stream"] === true,
  };
}
