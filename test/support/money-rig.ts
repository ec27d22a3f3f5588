// Gateways whose money is counted from outside: an upstream that knows what each of its answers costs, and clients that know what they got.
import { rmSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { call } from "./admin-calls.ts";
import { startTestGateway, type TestGateway, temporaryFolder } from "./gateway.ts";

/** Nano-dollars a token, of the published prices of these models, and what each answer of the upstream uses. */
const MODELS = {
  "gpt-4o": { input: 2500n, output: 10_000n, prompt: 60, completion: 20 },
  "gpt-4o-mini": { input: 150n, output: 600n, prompt: 90, completion: 30 },
} as const;
type Model = keyof typeof MODELS;

const MAX_TOKENS = 30;
export const KEY = "sk-money-0123456789abcdef";
const LIMIT_USD = 20;

/** The true cost of one answer, by the rule of the documents and from the upstream's own usage. */
export function costOf(model: Model): bigint {
  const { input, output, prompt, completion } = MODELS[model];
  return input * BigInt(prompt) + output * BigInt(completion);
}

export interface MoneyUpstream {
  readonly url: string;
  /** Of all answers that it has made. Nano-dollars. */
  produced: bigint;
  calls: number;
  close(): Promise<void>;
}

/** Answers after 1 to 20 ms. */
export async function startMoneyUpstream(): Promise<MoneyUpstream> {
  const state = { produced: 0n, calls: 0 };
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { model } = JSON.parse(Buffer.concat(parts).toString()) as { model: Model };
      state.calls++;
      setTimeout(
        () => {
          state.produced += costOf(model);
          response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answerOf(model)));
        },
        1 + Math.random() * 19,
      );
    });
    request.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

function answerOf(model: Model): object {
  const { prompt, completion } = MODELS[model];
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model,
    choices: [{ index: 0, message: { role: "assistant", content: "paid for" }, finish_reason: "stop" }],
    usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion },
  };
}

/** What a store says of a budget. Nano-dollars. */
export interface Counted {
  readonly settled: bigint;
  readonly uncertain: bigint;
}

export interface MoneyHouse {
  readonly store: string;
  start(): Promise<TestGateway>;
  /** Removes what the gateways have kept. */
  close(): void;
}

/** Gateways over one store: a key with a budget of its own, one of its provider config, and one of its team. */
export function moneyHouse(upstream: MoneyUpstream, more: Readonly<Record<string, unknown>> = {}): MoneyHouse {
  const folder = temporaryFolder("money");
  const store = path.join(folder, "config.db");
  const budget = { max_limit: LIMIT_USD, reset_duration: "1d" };
  const config = {
    config_store: { enabled: true, type: "sqlite", config: { path: store } },
    providers: { openai: { keys: [{ name: "k", value: "sk-upstream" }], network_config: { base_url: upstream.url } } },
    governance: {
      ...more,
      teams: [{ id: "team-1", name: "team", budgets: [{ id: "b-team", ...budget }] }],
      virtual_keys: [
        {
          id: "vk-1",
          name: "money",
          value: KEY,
          team_id: "team-1",
          budgets: [{ id: "b-key", ...budget }],
          provider_configs: [{ provider: "openai", budgets: [{ id: "b-provider", ...budget }] }],
        },
      ],
    },
  };
  return {
    store,
    start: () => startTestGateway({ config }),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface Load {
  /** What clients got in full. Nano-dollars. */
  answered: bigint;
  answers: number;
  readonly refused: string[];
  /** Clients end after the answer that they wait for. */
  stop(): Promise<void>;
}

/** Clients that ask one after another until they are stopped or the gateway is gone. */
export function startLoad(url: string, clients: number): Load {
  const end = new AbortController();
  const load: Load = {
    answered: 0n,
    answers: 0,
    refused: [],
    stop: async () => {
      end.abort();
      await Promise.all(running);
    },
  };
  const client = async (index: number): Promise<void> => {
    for (let nth = 0; !end.signal.aborted; nth++) {
      const model: Model = (index + nth) % 3 === 0 ? "gpt-4o" : "gpt-4o-mini";
      const answer = await ask(url, model).catch(() => null);
      if (answer === null) return;
      if (answer.status === 200) {
        load.answered += costOf(model);
        load.answers++;
      } else load.refused.push(`${answer.status} ${answer.text}`);
    }
  };
  const running = Array.from({ length: clients }, (_, index) => client(index));
  return load;
}

/** One chat with the key. */
export async function ask(url: string, model: Model): Promise<{ readonly status: number; readonly text: string }> {
  const content = "what does this cost? ".repeat(20);
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${KEY}` },
    body: JSON.stringify({ model: `openai/${model}`, max_tokens: MAX_TOKENS, messages: [{ role: "user", content }] }),
  });
  return { status: answer.status, text: await answer.text() };
}

/** The most that one request reserves: its bytes as tokens, which is more than any ratio, and its whole output. */
const DEAREST = 700n * MODELS["gpt-4o"].input + BigInt(MAX_TOKENS) * MODELS["gpt-4o"].output;

/** The documented bound of what one crash leaves uncertain in one budget. */
export function boundOfCrash(inFlight: number): bigint {
  const partOfLimit = BigInt(LIMIT_USD * 1e9) / 500n;
  return BigInt(inFlight) * DEAREST + (partOfLimit > DEAREST ? partOfLimit : DEAREST);
}

/** Of the key, its provider config and its team, as the API shows them. */
export async function countedAt(url: string): Promise<readonly Counted[]> {
  const key = (await call(url, "GET", "/api/governance/virtual-keys/vk-1")).json.virtual_key;
  const team = (await call(url, "GET", "/api/governance/teams/team-1")).json.team;
  return [key.budgets[0], key.provider_configs[0].budgets[0], team.budgets[0]].map((budget) => ({
    settled: nano(budget.current_usage),
    uncertain: nano(budget.uncertain ?? 0),
  }));
}

function nano(dollars: number): bigint {
  return BigInt(Math.round(dollars * 1e9));
}

/** Resolves with what is counted once it is the same for half a second. */
export async function countedInTheEnd(url: string): Promise<readonly Counted[]> {
  let last = "";
  let since = performance.now();
  for (const end = since + 20_000; performance.now() < end; ) {
    const counted = await countedAt(url);
    const text = counted.map(({ settled, uncertain }) => `${settled} ${uncertain}`).join();
    if (text !== last) [last, since] = [text, performance.now()];
    else if (performance.now() - since > 500) return counted;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("what is counted does not come to rest");
}
