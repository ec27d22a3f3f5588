// POST /api/routing/simulate: what the planner would decide, by the function that decides for live traffic.
import { setImmediate as nextTurn } from "node:timers/promises";
import { CountersUnavailableError } from "../core/counters.ts";
import type { Assumptions, LimitUse, RequestFeatures, StateView } from "../core/decision.ts";
import { GatewayError } from "../core/errors.ts";
import type { VirtualKey } from "../core/snapshot.ts";
import { jsonAnswer } from "./answers.ts";
import { draftedKey } from "./drafted-key.ts";
import { withDraftedRule } from "./drafted-rule.ts";
import type { AdminHouse, KnownConfiguration, Simulated } from "./house.ts";
import { readJsonObject } from "./read-json.ts";
import type { Route } from "./router.ts";
import type { SimulatedRuleFacts } from "./simulated-facts.ts";
import { readAssumedUse, readAssumptions, readSimulatedRequest, type SimulatedRequest } from "./simulated-request.ts";

/** So many draws in one go: this thread keeps nobody else waiting for longer than some milliseconds. */
const DRAWS_A_TURN = 500;

interface Question {
  readonly features: RequestFeatures;
  readonly assume: Assumptions | null;
  readonly seed: number;
  readonly draws: number;
}

export function simulateRoute(house: AdminHouse): Route {
  return {
    method: "POST",
    path: "/api/routing/simulate",
    demands: "read",
    handle: async (request) => {
      const asked = readSimulatedRequest(readJsonObject(request.body));
      const inForce = asked.config === null ? house.configuration() : house.draft(asked.config);
      const rule = asked.draftRule === null ? null : withDraftedRule(asked.draftRule, inForce, house);
      const known = rule?.known ?? inForce;
      const assume = readAssumptions(asked.assume, known.snapshot);
      const view = await house.state();
      const drafted = asked.draft === null ? null : await draftedKey(asked.draft, house.book);
      const caller = drafted === null ? await callerOf(asked, known, house) : drafted.key;
      const warnings = warningsOf(asked, known, [drafted, rule]);
      if (caller instanceof GatewayError) return jsonAnswer({ ...refused(caller, asked, known), ...warnings });
      const question = {
        features: { ...asked.features, virtualKey: caller },
        assume,
        seed: asked.seed ?? Math.floor(Math.random() * 2 ** 32),
        draws: asked.draws,
      };
      asked.facts.assume(readAssumedUse(asked.assume), assume);
      const limits: ReadLimits = (pairs) => house.limitUse(caller, known.snapshot, pairs).catch(orNothing);
      const run = (of: Question): Promise<Simulated> =>
        withLimits(asked.facts, limits, () => ask(of, known, view, house, request.signal));
      const atFirst = await run(question);
      const usedUp = await usedUpAmong(atFirst, caller, known, house);
      const asLive = { ...question, features: { ...question.features, usedUp } };
      const simulated = usedUp === null ? atFirst : await run(asLive);
      return jsonAnswer({ ...withUse(simulated, usedUp), ...warnings });
    },
  };
}

/** Findings about what is not in force. */
function warningsOf(
  asked: SimulatedRequest,
  known: KnownConfiguration,
  drafts: readonly ({ readonly warnings: readonly string[] } | null)[],
) {
  const drafted = drafts.filter((draft) => draft !== null);
  if (drafted.length > 0) return { warnings: drafted.flatMap((draft) => draft.warnings) };
  return asked.config === null ? {} : { warnings: known.warnings };
}

type ReadLimits = Parameters<SimulatedRuleFacts["fill"]>[0];
/** A chain of rules asks for one pair after the other. */
const MOST_ROUNDS = 12;

/** Again and again until no rule asks for a limit that is not known yet. */
async function withLimits(
  facts: SimulatedRuleFacts,
  read: ReadLimits,
  run: () => Promise<Simulated>,
): Promise<Simulated> {
  let simulated = await run();
  for (let round = 0; round < MOST_ROUNDS && (await facts.fill(read)); round++) simulated = await run();
  return simulated;
}

/** Without the counters nothing counts as used, as for a live request. */
function orNothing(error: unknown): readonly LimitUse[] {
  if (error instanceof CountersUnavailableError) return [];
  throw error;
}

/** The parts of a decision that limits concern. */
interface Judged {
  readonly candidates?: readonly { readonly provider: string; readonly model: string; readonly removed?: string }[];
}

/** Providers that a live request would be passed over at now; null = none. */
async function usedUpAmong(
  { decision }: Simulated,
  caller: VirtualKey | null,
  { snapshot }: KnownConfiguration,
  house: AdminHouse,
): Promise<ReadonlySet<string> | null> {
  const candidates = (decision as Judged).candidates ?? [];
  if (candidates.length === 0) return null;
  try {
    const full = await house.usedUp(caller, snapshot, candidates);
    const names = candidates.filter((_, index) => full[index] === true).map(({ provider }) => provider);
    return names.length === 0 ? null : new Set(names);
  } catch (error) {
    if (error instanceof CountersUnavailableError) return null;
    throw error;
  }
}

/** Marks these candidates, as the record of a live request does. */
function withUse(simulated: Simulated, usedUp: ReadonlySet<string> | null): Simulated {
  if (usedUp === null) return simulated;
  const marked = ((simulated.decision as Judged).candidates ?? []).map((each) =>
    usedUp.has(each.provider) && each.removed === undefined ? { ...each, removed: "budget or limit used up" } : each,
  );
  return { ...simulated, decision: { ...simulated.decision, candidates: marked } };
}

/** Asks in portions; their shares together are those of one long run. */
async function ask(
  question: Question,
  known: KnownConfiguration,
  view: StateView,
  house: AdminHouse,
  signal: AbortSignal,
): Promise<Simulated> {
  if (question.draws <= DRAWS_A_TURN) return house.simulate(question, known.snapshot, view);
  const counts = new Map<string, number>();
  let first: Simulated | null = null;
  for (let done = 0; done < question.draws && !signal.aborted; done += DRAWS_A_TURN) {
    const draws = Math.min(DRAWS_A_TURN, question.draws - done);
    const part = house.simulate({ ...question, seed: (question.seed + done) >>> 0, draws }, known.snapshot, view);
    for (const [name, share] of Object.entries(part.shares)) counts.set(name, (counts.get(name) ?? 0) + share * draws);
    first ??= part;
    // a refusal looks for names like the one asked for: to do so at every draw would take seconds
    if ("refusal" in first.decision) return first;
    await nextTurn();
  }
  const shares = [...counts].map(([name, count]) => [name, Math.round(count) / question.draws]);
  return { decision: first?.decision ?? {}, shares: Object.fromEntries(shares) };
}

/** The virtual key, null for none, or how a live request would be refused. */
async function callerOf(
  asked: SimulatedRequest,
  known: KnownConfiguration,
  house: AdminHouse,
): Promise<VirtualKey | null | GatewayError> {
  if (asked.virtualKey !== null) {
    const key = (await known.virtualKey(asked.virtualKey)) ?? (await house.findSecret(asked.virtualKey, known));
    // A name may be a secret, so none is suggested.
    if (key === undefined)
      throw new GatewayError("invalid_request", "'virtual_key' is neither name, id nor value of a known virtual key", {
        param: "virtual_key",
      });
    return usable(key, house.now());
  }
  try {
    return await house.identify(asked.headers, known);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}

function usable(key: VirtualKey, now: number): VirtualKey | GatewayError {
  if (!key.active) return new GatewayError("virtual_key_blocked", "this virtual key is switched off");
  if (key.expiresAt !== null && key.expiresAt <= now)
    return new GatewayError("virtual_key_blocked", "this virtual key has expired");
  return key;
}

/** A request that would not even be planned. */
function refused(error: GatewayError, asked: SimulatedRequest, known: KnownConfiguration): Simulated {
  const decision = {
    engine: "explicit",
    seed: asked.seed ?? 0,
    draw: null,
    snapshot_version: known.snapshot.version,
    order: [],
    candidates: [],
    rules: [],
    refusal: { code: error.code, status: error.status, message: error.message },
  };
  return { decision, shares: {} };
}
