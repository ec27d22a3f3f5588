// A provider of the OpenAI dialect that repeats the key it was called with, in every place an answer has.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

type Play = (key: string, response: ServerResponse, isStream: boolean) => void;

const told = (key: string): string => `Incorrect API key provided: ${key}. Authorization was "Bearer ${key}".`;
/** Slashes escaped, as some languages write JSON. */
const error = (key: string): string =>
  JSON.stringify({
    error: { message: told(key), type: "invalid_request_error", code: `key ${key}`, param: key },
  }).replaceAll("/", "\\/");
const chunk = (content: string): string =>
  `data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: { role: "assistant", content }, finish_reason: null }] })}\n\n`;

function json(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
}

function events(response: ServerResponse, text: string): void {
  response.writeHead(200, { "content-type": "text/event-stream" }).end(text);
}

/** What it does for each model. */
export const ECHOES: Readonly<Record<string, Play>> = {
  "status-401": (key, response) => json(response, 401, error(key)),
  "status-400": (key, response) => json(response, 400, error(key)),
  "status-500": (key, response) => json(response, 500, error(key)),
  "text-error": (key, response) => response.writeHead(403, { "content-type": "text/plain" }).end(told(key)),
  "html-error": (key, response) =>
    response.writeHead(502, { "content-type": "text/html" }).end(`<html><h1>${told(key)}</h1></html>`),
  "error-in-200": (key, response) => json(response, 200, error(key)),
  "no-json": (key, response) => json(response, 200, `{"oops": "${key}`),
  "error-event-first": (key, response) => events(response, `data: ${error(key)}\n\n`),
  "error-event-later": (key, response) => events(response, `${chunk("some")}${chunk("thing")}data: ${error(key)}\n\n`),
  "named-error-event": (key, response) => events(response, `${chunk("some")}event: error\ndata: ${error(key)}\n\n`),
  "bad-event": (key, response) => events(response, `${chunk("some")}data: {"broken": "${key}\n\n`),
  headers: (key, response) =>
    json(response, 401, error(key), {
      "www-authenticate": `Bearer realm="${key}"`,
      "x-key": key,
      "x-ratelimit-policy": key,
      "openai-version": key,
    }),
};

export interface EchoUpstream {
  readonly url: string;
  /** The keys it was called with. */
  readonly keys: readonly string[];
  close(): Promise<void>;
}

export async function startEchoUpstream(): Promise<EchoUpstream> {
  const keys: string[] = [];
  const server = createServer((request, response) => {
    readAll(request).then(
      (body) => {
        const key = (request.headers.authorization ?? "").replace(/^Bearer /, "");
        keys.push(key);
        const { model = "", stream = false } = JSON.parse(body) as { model?: string; stream?: boolean };
        ECHOES[model]?.(key, response, stream);
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
