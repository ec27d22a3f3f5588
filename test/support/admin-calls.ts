// Calls of the management API and of the demo provider, as the tests of the configuration make them.
import assert from "node:assert/strict";

export interface AdminAnswer {
  readonly status: number;
  readonly text: string;
  /** Parsed; tests look into any shape. */
  readonly json: ReturnType<typeof JSON.parse>;
}

/** Any method, with a JSON body where there is one. */
export async function call(url: string, method: string, target: string, body?: unknown): Promise<AdminAnswer> {
  const answer = await fetch(`${url}${target}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const text = await answer.text();
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // no JSON: `text` has it
  }
  return { status: answer.status, text, json };
}

/** The same; anything but success fails. */
export async function change(url: string, method: string, target: string, body?: unknown): Promise<AdminAnswer> {
  const answer = await call(url, method, target, body);
  assert.ok(answer.status >= 200 && answer.status < 300, `${method} ${target}: ${answer.status} ${answer.text}`);
  return answer;
}

export interface MadeKey {
  readonly id: string;
  readonly value: string;
}

/** A virtual key for the demo provider. */
export async function makeKey(url: string, name: string, more: object = {}): Promise<MadeKey> {
  const body = { name, provider_configs: [{ provider: "demo", allowed_models: ["*"] }], ...more };
  const { json } = await change(url, "POST", "/api/governance/virtual-keys", body);
  return { id: json.virtual_key.id, value: json.virtual_key.value };
}

/** The status of a chat with this virtual key, and its code where it was refused. */
export async function chat(
  url: string,
  secret: string,
  model = "demo/echo",
): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model, messages: [{ role: "user", content: "hello" }] }),
    headers: { "content-type": "application/json", "x-bf-vk": secret },
  });
  return { status: answer.status, text: await answer.text() };
}
