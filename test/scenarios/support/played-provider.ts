// One provider's host in a scenario: an independent mock behind a recorder that keeps what was said, and breaks it on demand.
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { LLMock } from "@copilotkit/aimock";
import type { FaultUpstream } from "../../support/fault-upstream.ts";

/** JSON of any shape, for tests that look at whatever was sent. */
export interface Loose {
  readonly [name: string | number]: Loose | undefined;
}

/** One request of the gateway to this provider, and what the mock answered. */
export interface ProviderCall {
  readonly provider: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The credential, whichever header carried it. */
  readonly key: string;
  readonly json: Loose;
  status: number;
  /** The answer's body so far. */
  answer: string;
}

/** A provider's own bytes, for what the mock cannot say; the type tells a stream from a whole answer. */
export interface Script {
  readonly type: "application/json" | "text/event-stream";
  readonly body: string;
}

/** Behaviour of the fault upstream that is played in place of the mock's answer; null: the mock answers. */
export type Fault = (call: ProviderCall) => string | null;

export interface PlayedProvider {
  readonly port: number;
  readonly mock: LLMock;
  readonly calls: readonly ProviderCall[];
  /** The call that came last; throws when none came. */
  last(): ProviderCall;
  fault: Fault | null;
  /** Answers instead of the mock while it is set. */
  script: Script | null;
  forget(): void;
  close(): Promise<void>;
}

/** Tells the fault upstream what to play. */
export const FAULT_HEADER = "x-test-fault";

export async function playProvider(name: string, faults: FaultUpstream): Promise<PlayedProvider> {
  const mock = new LLMock({ port: 0 });
  await mock.start();
  const calls: ProviderCall[] = [];
  const agent = new http.Agent({ keepAlive: true });
  const played: { fault: Fault | null; script: Script | null } = { fault: null, script: null };
  const server = http.createServer(async (request, response) => {
    const body = await readAll(request);
    const call = recordOf(name, request, body);
    calls.push(call);
    if (played.script !== null) return recite(played.script, response, call);
    const fault = played.fault?.(call) ?? null;
    const port = fault === null ? mock.port : faults.port;
    const headers = fault === null ? request.headers : { ...request.headers, [FAULT_HEADER]: fault };
    const { method, url } = request;
    const forwarded = http.request({ port, host: "127.0.0.1", method, path: url, headers, agent }, (answer) =>
      passOn(answer, response, call),
    );
    forwarded.on("error", () => response.destroy());
    forwarded.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(played, {
    port: (server.address() as AddressInfo).port,
    mock,
    calls,
    last: () => {
      const call = calls.at(-1);
      if (call === undefined) throw new Error(`${name} was not asked`);
      return call;
    },
    forget: () => calls.splice(0),
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await mock.stop();
    },
  });
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function recordOf(provider: string, request: IncomingMessage, body: Buffer): ProviderCall {
  const headers = request.headers as Record<string, string>;
  const bearer = headers["authorization"]?.replace(/^Bearer /, "");
  return {
    provider,
    path: request.url ?? "",
    headers,
    key: bearer ?? headers["x-api-key"] ?? headers["api-key"] ?? "",
    json: body.length > 0 ? (JSON.parse(body.toString("utf8")) as Loose) : {},
    status: 0,
    answer: "",
  };
}

function recite(script: Script, response: ServerResponse, call: ProviderCall): void {
  call.status = 200;
  call.answer = script.body;
  response.writeHead(200, { "content-type": script.type }).end(script.body);
}

function passOn(answer: IncomingMessage, response: ServerResponse, call: ProviderCall): void {
  call.status = answer.statusCode ?? 0;
  response.writeHead(call.status, answer.headers);
  answer.on("data", (bytes: Buffer) => {
    call.answer += bytes.toString("utf8");
    response.write(bytes);
  });
  answer.on("end", () => response.end());
  answer.on("close", () => answer.complete || response.destroy());
}
