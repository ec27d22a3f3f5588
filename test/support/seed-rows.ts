// The request log of the seeded house: some two thousand requests of a week, the same at every run.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { GatewayError } from "../../src/core/errors.ts";
import type { Attempt } from "../../src/core/exchange.ts";
import { type ExchangeSpec, fixtureExchange } from "../../src/core/exchange-fixture.ts";
import { RECORD_BUFFER_BYTES } from "../../src/core/record.ts";
import { RecordPacker } from "../../src/core/record-pack.ts";
import { emptyUsage, type Usage } from "../../src/core/usage.ts";
import { assembleText } from "../../src/formats/assemble-text.ts";
import { LogUpkeep } from "../../src/store/sqlite/log-upkeep.ts";
import { createLogWriter } from "../../src/store/sqlite/log-writer.ts";
import { SEED_CUSTOMERS, SEED_KEYS, SEED_TEAMS } from "./seed-config.ts";

/** Rows of the seeded log. */
export const SEED_ROWS = 2000;
const WEEK = 7 * 86_400_000;
const BATCH = 200;

/** Nano-dollars a token, in and out; null: nobody knows the price. */
const MODELS: readonly { provider: string; model: string; price: readonly [number, number] | null; key: string }[] = [
  { provider: "openai", model: "gpt-4o-mini", price: [150, 600], key: "main" },
  { provider: "openai", model: "gpt-4o", price: [2500, 10_000], key: "backup" },
  { provider: "azure-west", model: "gpt-4o-mini", price: [165, 660], key: "west" },
  { provider: "anthropic", model: "claude-sonnet-4-5", price: [3000, 15_000], key: "team" },
  { provider: "groq", model: "house-model-7b", price: null, key: "fast" },
];
const QUESTIONS = [
  "Write a release note for the new export.",
  "Which of these invoices are due before Friday?",
  "Translate the following paragraph into Finnish.",
  "Why does this query scan the whole table?",
  "Name three risks of the plan and what to do about each.",
];
const APPS = ["OpenAI Python", "claude-cli", "curl", "playground"];

type Draw = (below: number) => number;

/** Numbers that look drawn and are the same in each run. */
function drawer(): Draw {
  let state = 0x2545_f491;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function usageOf(draw: Draw): Usage {
  return {
    ...emptyUsage(),
    inputTokens: 40 + draw(2400),
    outputTokens: 8 + draw(700),
    cachedTokens: draw(4) === 0 ? 32 : 0,
  };
}

/** An attempt that answered. */
function answered(
  draw: Draw,
  from: number,
  took: number,
  usage: Usage,
  pick = MODELS[draw(draw(3) + 3)],
): Partial<Attempt> {
  const { provider, model, price, key } = pick as (typeof MODELS)[number];
  const [input, output] = [usage.inputTokens ?? 0, usage.outputTokens ?? 0];
  const nano = price === null ? 0 : input * price[0] + output * price[1];
  const parts =
    price === null
      ? []
      : [
          { kind: "input" as const, count: input, rate: "input", unitPico: price[0] * 1000 },
          { kind: "output" as const, count: output, rate: "output", unitPico: price[1] * 1000 },
        ];
  const unpriced = price === null ? (["input", "output"] as const) : [];
  const known = price !== null;
  return {
    provider,
    model,
    keyName: key,
    keyId: `${provider}-${key}`,
    startedAt: from + 0.3,
    connectedAt: from + 4,
    headAt: from + took * 0.3,
    firstTokenAt: from + took * 0.35,
    endedAt: from + took,
    usage,
    usageOrigin: "reported",
    cost: {
      nano,
      origin: "computed",
      unpriced,
      reportedNano: null,
      computed: {
        nano,
        parts,
        unpriced,
        priceVersion: known ? "2026-03-01" : null,
        source: known ? "price sheet" : null,
      },
    },
  };
}

const FAILURES = [
  { outcome: "server-error", status: 503, error: "the provider azure-west answered 503: overloaded" },
  { outcome: "rate-limit", status: 429, error: "the provider azure-west answered 429: requests per minute" },
  { outcome: "timeout", status: 0, error: "the provider azure-west sent nothing for 2 s" },
] as const;

/** An attempt that did not. */
function failed(draw: Draw, took: number): Partial<Attempt> {
  const failure = FAILURES[draw(3)] as (typeof FAILURES)[number];
  return {
    provider: "azure-west",
    model: "gpt-4o-mini",
    keyId: "azure-west-west",
    keyName: "west",
    headAt: failure.status === 0 ? -1 : took - 1,
    endedAt: took,
    ...failure,
  };
}

const REFUSALS = [
  new GatewayError(
    "budget_exceeded",
    "The budget b-lab of the virtual key lab-07 is used up: $2.00 of $2.00. It begins anew on 18 March.",
  ),
  new GatewayError("rate_limited", "The virtual key app-02 has made 60 requests in this minute, which is its limit."),
  new GatewayError("model_blocked", "The virtual key lab-03 may not use the model gpt-4o."),
];

/** What became of a request: answered, answered by the second provider, refused by us, failed, left by the client. */
function fate(draw: Draw): Partial<ExchangeSpec> & { took: number } {
  const took = Math.round(180 * Math.exp(draw(1000) / 320));
  const usage = usageOf(draw);
  const kind = draw(100);
  if (kind < 8) {
    const first = 60 + draw(900);
    const second = {
      ...answered(draw, first + 100, took, usage, MODELS[0]),
      fallbackIndex: 1,
      reason: "next provider",
    };
    return { attempts: [failed(draw, first), second], usage, took: first + 100 + took };
  }
  if (kind < 12) {
    const error = REFUSALS[draw(3)] as GatewayError;
    return { attempts: [], outcome: "error", status: error.status, error, took: 1 };
  }
  if (kind < 14) {
    const error = new GatewayError("upstream_error", "The provider azure-west answered 503: overloaded.", {
      status: 503,
    });
    return { attempts: [failed(draw, took)], outcome: "error", status: 503, error, took };
  }
  if (kind < 15)
    return {
      attempts: [{ ...answered(draw, 0, took, usage), outcome: "cancelled" }],
      usage,
      outcome: "cancelled",
      status: 499,
      took,
    };
  return { attempts: [answered(draw, 0, took, usage)], usage, took };
}

function spec(draw: Draw, number: number, at: number): ExchangeSpec {
  const { took, ...rest } = fate(draw);
  const key = SEED_KEYS[draw(draw(3) === 0 ? SEED_KEYS.length : 6)];
  const isStream = draw(2) === 0;
  const last = rest.attempts?.at(-1);
  const body = Buffer.from(JSON.stringify({ role: "user", content: QUESTIONS[draw(QUESTIONS.length)] }));
  const says = Buffer.from(
    JSON.stringify({
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "Here is a first version, in three steps." },
          finish_reason: "stop",
        },
      ],
    }),
  );
  const asked = rest.attempts?.[0] ?? {};
  return {
    ...rest,
    id: `01kseed${String(number).padStart(17, "0")}`,
    acceptedAt: at,
    endedAt: took,
    sentAt: 0.3,
    answerEndedAt: took - 0.2,
    model: rest.attempts?.length === 0 ? "openai/gpt-4o" : `${asked.provider}/${asked.model}`,
    stream: isStream,
    firstTokenAt: isStream ? (last?.firstTokenAt ?? -1) : -1,
    virtualKey:
      key === undefined
        ? null
        : { id: key.id, name: key.name, teamId: key.team_id ?? null, customerId: key.customer_id ?? null },
    teams: SEED_TEAMS.map(({ id, name, customer_id }) => ({ id, name, customerId: customer_id ?? null })),
    customers: SEED_CUSTOMERS,
    userId: `user-${draw(draw(2) === 0 ? 3 : 40)}`,
    app: APPS[draw(4)] as string,
    userAgent: `${APPS[draw(4)]}/1.0`,
    sessionId: `session-${number >> 2}`,
    tags: draw(3) === 0 ? [["feature", ["export", "search", "chat"][draw(3)] as string]] : [],
    stopReason: rest.outcome === undefined ? (draw(8) === 0 ? "length" : "stop") : null,
    body,
    inputFrom: 0,
    inputTo: body.length,
    answer: rest.outcome === undefined ? says : null,
    decision: {
      seed: number,
      draw: draw(1000) / 1000,
      candidates: [
        { provider: "openai", model: "gpt-4o-mini", weight: 0.7, share: 0.7, health: 1 },
        { provider: "azure-west", model: "gpt-4o-mini", weight: 0.3, share: 0.3, health: 0.6 },
      ],
      order: (rest.attempts ?? []).map((attempt) => ({
        provider: attempt.provider ?? "",
        model: attempt.model ?? "",
        key: attempt.keyName ?? "",
        reason: attempt.fallbackIndex === 1 ? ("automatic fallback" as const) : ("drawn" as const),
      })),
    },
  };
}

/** Writes the log of an app dir as it stands at `now`; the youngest row is 20 s old. */
export function writeSeedRows(appDir: string, now: number, rows = SEED_ROWS): void {
  mkdirSync(appDir, { recursive: true });
  const file = path.join(appDir, "logs.db");
  const writer = createLogWriter({ path: file, assembleText });
  const packer = new RecordPacker();
  const draw = drawer();
  for (let row = 0; row < rows; ) {
    const buffer = new ArrayBuffer(RECORD_BUFFER_BYTES);
    packer.begin(buffer);
    for (let count = 0; count < BATCH && row < rows; count++, row++) {
      // more of them lately: the last hour, the last day and the week all have something to show
      const age = WEEK * (1 - (row + 1) / rows) ** 3;
      packer.pack(fixtureExchange(spec(draw, row, Math.floor(now - 20_000 - age))));
    }
    const { firstWord, words } = packer.finish();
    writer.write(buffer, firstWord, words);
  }
  writer.close();
  const database = new DatabaseSync(file);
  const upkeep = new LogUpkeep(database);
  while (upkeep.step());
  database.close();
}
