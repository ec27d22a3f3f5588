// Weighted balancing over HTTP: shares, a dead provider, and live decisions that a simulation with the same seed repeats.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Random } from "../../src/lib/random.ts";
import { post } from "../support/gateway.ts";
import { deadUrl, type Rig, startRig } from "../support/rig.ts";

const RETRY_LATER = "status-429-retry-after-250";

let rig: Rig;
let dead: Rig;

const MODELS = ["gpt-any", "gpt-other", "claude-any", "one", "two"];
const entry = (provider: string, weight: number | null) => ({ provider, weight, allowed_models: MODELS });

before(async () => {
  const keys = { base: "openai", keys: 2 } as const;
  rig = await startRig(
    { heavy: { base: "openai" }, light: { base: "anthropic" }, a: keys, b: keys, c: { ...keys, base: "anthropic" } },
    {
      governance: {
        virtual_keys: [
          { name: "split", value: "vk-split", provider_configs: [entry("heavy0", 0.8), entry("light0", 0.2)] },
          {
            name: "mixed",
            value: "vk-mixed",
            provider_configs: [
              entry("a0", 0.5),
              entry("b0", 0.3),
              entry("c0", 0.2),
              entry("heavy0", 0),
              entry("light0", null),
            ],
          },
        ],
      },
    },
  );
  dead = await startRig(
    { heavy: { base: "openai", network: { base_url: await deadUrl() } }, light: { base: "openai" } },
    {
      governance: {
        virtual_keys: [
          { name: "split", value: "vk-split", provider_configs: [entry("heavy0", 0.8), entry("light0", 0.2)] },
        ],
      },
    },
  );
});

after(async () => {
  await rig.close();
  await dead.close();
});

/** Runs so many questions, some at a time. */
async function many<T>(count: number, ask: (n: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const n = next++;
      results[n] = await ask(n);
    }
  };
  await Promise.all(Array.from({ length: 32 }, worker));
  return results;
}

test("2,000 requests on an 80/20 split lie within 4 standard errors, as the providers see it", async () => {
  const before = rig.upstream.requests.length;
  const replies = await many(2_000, (n) =>
    rig.ask({ model: "gpt-any", stream: n % 10 === 0, headers: { "x-bf-vk": "vk-split" } }),
  );
  assert.ok(replies.every(({ status }) => status === 200));
  const seen = rig.upstream.requests.slice(before);
  assert.equal(seen.length, 2_000);
  const heavy = seen.filter(({ key }) => key === "sk-heavy0-1").length;
  const error = Math.sqrt(2_000 * 0.8 * 0.2);
  assert.ok(Math.abs(heavy - 1_600) <= 4 * error, `${heavy} of 2,000 went to the provider of weight 0.8`);
  assert.equal(seen.filter(({ key }) => key === "sk-light0-1").length, 2_000 - heavy);
});

test("a named provider goes round the balancing", async () => {
  for (const provider of ["heavy0", "light0"])
    for (let n = 0; n < 10; n++) {
      const reply = await rig.ask({ model: `${provider}/gpt-any`, headers: { "x-bf-vk": "vk-split" } });
      assert.deepEqual(rig.keysSeen(reply), [`${provider}-1 gpt-any`]);
    }
});

test("with the heavier provider dead every call answers 200, and the record tells the story", async () => {
  const replies = await many(200, (n) =>
    dead.ask({ model: "gpt-any", stream: n % 3 === 0, headers: { "x-bf-vk": "vk-split" } }),
  );
  for (const reply of replies) assert.equal(reply.status, 200, reply.text);
  const rows = await dead.gateway.logs(200);
  let failedOver = 0;
  for (const row of rows) {
    assert.equal(row.status, "success");
    assert.equal(row.provider, "light0");
    const [first, second] = row.decision?.order ?? [];
    if (first?.provider === "light0") {
      assert.deepEqual(
        row.attempts.map(({ provider }) => provider),
        ["light0"],
      );
      continue;
    }
    failedOver++;
    assert.deepEqual([first?.provider, first?.reason], ["heavy0", "drawn"]);
    assert.deepEqual([second?.provider, second?.reason], ["light0", "automatic fallback"]);
    assert.deepEqual(
      row.attempts.map(({ provider, outcome, reason }) => [provider, outcome, reason]),
      [
        ["heavy0", "transport", "planned"],
        ["light0", "", "next provider"],
      ],
    );
    assert.equal(row.fallback_index, 1);
  }
  assert.ok(failedOver > 0, "nobody met the dead provider");
  const heavy = rows.flatMap((row) => row.decision?.candidates ?? []).filter(({ provider }) => provider === "heavy0");
  const healths = new Set(heavy.map((candidate) => (candidate as unknown as { health: number }).health));
  assert.ok(healths.has(0), "after three failures in a row it rests, and is drawn no more");
});

// ---- a live decision and its simulation

interface Question {
  readonly model: string;
  readonly fallbacks: readonly string[];
  readonly stream: boolean;
  readonly key: string | null;
}

function randomQuestion(random: Random): Question {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T;
  const named = pick(["", "", "", "a0/", "b0/", "c0/", "heavy0/"]);
  const model = named + pick(["gpt-any", "gpt-other", "claude-any"]);
  const fallbacks = pick([[], [], ["c0/gpt-any"], ["b0/one", "a0/two"], ["nowhere0/x", "b0/one", "b0/one"]]);
  return { model, fallbacks, stream: random.next() < 0.3, key: named === "" ? "vk-mixed" : pick(["vk-mixed", null]) };
}

/** Makes a provider key rest for minutes, or well again: by a request that is pinned to it. */
async function setHealth(key: string, isWell: boolean): Promise<void> {
  const provider = key.replace(/-\d$/, "");
  const model = `${provider}/${isWell ? "echo" : RETRY_LATER}`;
  const reply = await rig.ask({ model, headers: { "x-bf-api-key": key } });
  assert.equal(reply.status, isWell ? 200 : 429, reply.text);
}

/** Asks, and asks again what would be; the engine that decided. */
async function compare({ model, fallbacks, stream, key }: Question): Promise<string> {
  const headers: Record<string, string> = key === null ? {} : { "x-bf-vk": key };
  const reply = await rig.ask({ model, fallbacks, stream, headers });
  assert.equal(reply.status, 200, reply.text);
  const live = (await rig.row(reply)).decision;
  assert.ok(live !== null);
  const simulated = await post(`${rig.gateway.url}/api/routing/simulate`, {
    headers,
    body: { model, fallbacks, stream },
    seed: live.seed,
  });
  assert.equal(simulated.status, 200, simulated.text);
  assert.deepEqual(simulated.json["decision"], live);
  return (live as unknown as { engine: string }).engine;
}

test("a live decision and its simulation with the same seed and state agree, under random health", async () => {
  const random = new Random(20261123);
  const keys = ["a0-1", "a0-2", "b0-1", "b0-2", "c0-1", "c0-2"];
  let compared = 0;
  const engines = new Set<string>();
  for (let round = 0; round < 15; round++) {
    // One of each provider stays well: a request that has to use a resting key would change the state.
    const well = new Map(keys.map((key) => [key, key.endsWith("-2") || random.next() < 0.5]));
    if (round % 3 === 2) for (const key of ["a0-1", "a0-2"]) well.set(key, false);
    for (const [key, isWell] of well) await setHealth(key, isWell);
    const questions = Array.from({ length: 20 }, () => randomQuestion(random)).filter(
      ({ model }) => !(round % 3 === 2 && model.startsWith("a0/")),
    );
    const decisions = await Promise.all(questions.map(compare));
    compared += decisions.length;
    for (const engine of decisions) engines.add(engine);
  }
  assert.ok(compared >= 250, `${compared} decisions`);
  assert.deepEqual([...engines].toSorted(), ["explicit", "governance"]);
});

test("a simulation asks no provider and changes no state", async () => {
  const before = rig.upstream.requests.length;
  const ask = () =>
    post(`${rig.gateway.url}/api/routing/simulate`, {
      headers: { "x-bf-vk": "vk-split" },
      body: { model: "gpt-any" },
      seed: 7,
      draws: 2_000,
      assume: { down: [] },
    });
  const first = await ask();
  assert.deepEqual((await ask()).json, first.json);
  assert.equal(rig.upstream.requests.length, before);
  const shares = first.json["shares"] as Record<string, number>;
  assert.ok(
    Math.abs((shares["heavy0/gpt-any"] ?? 0) - 0.8) < 4 * Math.sqrt((0.8 * 0.2) / 2_000),
    JSON.stringify(shares),
  );
  const down = await post(`${rig.gateway.url}/api/routing/simulate`, {
    headers: { "x-bf-vk": "vk-split" },
    body: { model: "gpt-any" },
    assume: { down: ["heavy0"] },
  });
  assert.deepEqual(down.json["shares"], { "light0/gpt-any": 1 });
});
