// GET /api/governance/forecast: what budgets are expected to have used when they reset, and when they are used up.

import type { CounterReading, CounterStore } from "../core/counters.ts";
import { type BudgetEntity, hasLimits, type OwnedLimits, type VirtualKeyEntity } from "../core/entities.ts";
import { GatewayError } from "../core/errors.ts";
import type { UsedHour } from "../core/forecast.ts";
import { jsonAnswer } from "./answers.ts";
import { OwnerNames } from "./counters-names.ts";
import { type HoursOwner, ownerHours } from "./forecast-hours.ts";
import { nearTheirLimit } from "./forecast-risk.ts";
import { dollars } from "./governance-limits-shape.ts";
import type { AdminHouse } from "./house.ts";
import type { Route } from "./router.ts";

const OWNERS = ["virtual_key_id", "team_id", "customer_id"] as const;
const DAY = 86_400_000;
const NANO = 1e9;
/** The answer without an owner has so many budgets at most. */
const MOST_AT_RISK = 100;

type ForecastHouse = Pick<AdminHouse, "book" | "counters" | "costLog" | "forecast" | "now">;

/** A budget with what of its owner's use counts for it. */
interface ForecastBudget {
  readonly id: string;
  readonly resetDuration: string | null;
  readonly provider?: string;
  readonly model?: string;
}

interface ForecastOwner {
  readonly type: string;
  readonly id: string;
  readonly name: string;
  readonly hours: HoursOwner;
  readonly budgets: readonly ForecastBudget[];
}

export function forecastRoutes(house: ForecastHouse): Route[] {
  return [
    {
      method: "GET",
      path: "/api/governance/forecast",
      demands: "read",
      async handle(request) {
        const asked = readOwner(request.query);
        const counters = openCounters(house);
        const warnings = house.costLog() === null ? ["requests are not logged: only the open window is known"] : [];
        const answer = asked === null ? await atRisk(house, counters) : await ofOwner(house, counters, asked);
        return jsonAnswer(warnings.length === 0 ? answer : { ...answer, warnings });
      },
    },
  ];
}

function openCounters(house: ForecastHouse): CounterStore {
  const counters = house.counters();
  if (counters !== null) return counters;
  throw new GatewayError("control_plane_unavailable", "the counters are not open; try again in a second", {
    retryAfter: 1,
  });
}

interface AskedOwner {
  readonly member: (typeof OWNERS)[number];
  readonly id: string;
}

function readOwner(query: URLSearchParams): AskedOwner | null {
  const names = [...query.keys()];
  const unknown = names.find((name) => !OWNERS.some((member) => member === name));
  if (unknown !== undefined || names.length > 1)
    throw new GatewayError("invalid_request", `give one of ${OWNERS.join(", ")}, or none for the budgets at risk`, {
      param: (unknown ?? (names[1] as string)).slice(0, 100),
    });
  const member = OWNERS.find((name) => name === names[0]);
  return member === undefined ? null : { member, id: query.get(member) ?? "" };
}

async function ofOwner(house: ForecastHouse, counters: CounterStore, asked: AskedOwner) {
  const owner = await findOwner(house, asked);
  const now = house.now();
  const whole = await hoursOf(house, owner.hours);
  const readings = await counters.read(owner.budgets.map(({ id }) => id));
  const forecasts: object[] = [];
  for (const [index, budget] of owner.budgets.entries()) {
    const { provider, model } = budget;
    const isPart = provider !== undefined || model !== undefined;
    const hours = isPart ? await hoursOf(house, { ...owner.hours, provider, model }) : whole;
    forecasts.push(showBudget(house, budget, readings[index] ?? null, hours));
  }
  const { type, id, name } = owner;
  const since = (span: number): number =>
    whole.reduce((sum, { at, amount }) => (at >= now - span ? sum + amount : sum), 0) / NANO;
  return { owner: { type, id, name }, spend: { last_24_hours: since(DAY), last_7_days: since(7 * DAY) }, forecasts };
}

async function findOwner({ book }: ForecastHouse, { member, id }: AskedOwner): Promise<ForecastOwner> {
  if (member === "virtual_key_id") {
    const item = await book.virtualKey(id);
    if (item === undefined) throw new GatewayError("not_found", `there is no virtual key with the id '${id}'`);
    const budgets = keyBudgets(item.entity);
    return { type: "virtual_key", id, name: item.name, hours: { virtualKeyId: id }, budgets };
  }
  const kind = member === "team_id" ? "team" : "customer";
  const item = book.governanceItem(kind, id);
  if (item === undefined || !hasLimits(item.entity))
    throw new GatewayError("not_found", `there is no ${kind} with the id '${id}'`);
  const hours = kind === "team" ? { teamId: id } : { customerId: id };
  return { type: kind, id, name: item.name, hours, budgets: item.entity.budgets.map(plainBudget) };
}

function plainBudget({ id, resetDuration }: BudgetEntity): ForecastBudget {
  return { id, resetDuration };
}

/** Those of the key, of its providers, and of their models. */
function keyBudgets(key: VirtualKeyEntity): ForecastBudget[] {
  const of = ({ budgets }: Pick<OwnedLimits, "budgets">, place: Pick<ForecastBudget, "provider" | "model">) =>
    budgets.map((budget) => ({ ...plainBudget(budget), ...place }));
  return [
    ...of(key, {}),
    ...(key.providers ?? []).flatMap((scope) => [
      ...of(scope, { provider: scope.provider }),
      ...(scope.modelLimits ?? []).flatMap((one) => of(one, placeOf(scope.provider, one.model))),
    ]),
  ];
}

/** Hours know the model as the provider spells it. */
function placeOf(provider: string, model: string): Pick<ForecastBudget, "provider" | "model"> {
  return model === "*" ? { provider } : { provider, model };
}

/** Without a log nothing is known of the hours. */
async function hoursOf(house: ForecastHouse, owner: HoursOwner): Promise<readonly UsedHour[]> {
  const log = house.costLog();
  return log === null ? [] : await ownerHours(log, owner, house.now());
}

function showBudget(
  house: ForecastHouse,
  budget: ForecastBudget,
  reading: CounterReading | null,
  hours: readonly UsedHour[],
) {
  const { id, provider = null, model = null, resetDuration } = budget;
  const facts = { budget_id: id, provider, model, reset_duration: resetDuration };
  // A budget that nobody has used is not counted yet: its window begins with its first request.
  if (reading === null)
    return { ...facts, max_limit: null, current_usage: 0, last_reset: null, ...NOT_COUNTED, basis: "none" };
  const { settled, uncertain, limit, lastReset, resetsAt } = reading;
  const used = Number(settled + uncertain);
  const question = { hours, used, limit: Number(limit), lastReset, resetsAt, now: house.now() };
  const { expectedAtReset, exhaustedAt, basis } = house.forecast(question);
  return {
    ...facts,
    max_limit: dollars(limit),
    current_usage: dollars(settled),
    last_reset: new Date(lastReset).toISOString(),
    resets_at: timeOrNull(resetsAt),
    expected_use_at_reset: expectedAtReset === null ? null : Math.round(expectedAtReset) / NANO,
    exhausted_at: timeOrNull(exhaustedAt),
    basis,
  };
}

const NOT_COUNTED = { resets_at: null, expected_use_at_reset: null, exhausted_at: null } as const;

function timeOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** The budgets that are expected to be used up before they reset; the first to be so first. */
async function atRisk(house: ForecastHouse, counters: CounterStore) {
  const names = new OwnerNames(() => house.book);
  const shown: { owner: object; exhausted_at: string | null }[] = [];
  for (const reading of await nearTheirLimit(counters, house.now())) {
    const owner = reading.owner === undefined ? null : await names.of(reading.owner);
    if (owner === null) continue;
    const place = owner.limits.get(reading.id);
    const part = {
      ...(place?.provider ? { provider: place.provider } : {}),
      ...(place?.model && place.model !== "*" ? { model: place.model } : {}),
    };
    const hours = await hoursOfKind(house, owner.type, owner.id, part);
    const budget = { id: reading.id, resetDuration: place?.resetDuration || null, ...part };
    const { type, id, name } = owner;
    shown.push({ owner: { type, id, name }, ...showBudget(house, budget, reading, hours) });
  }
  const risks = shown.filter((one) => one.exhausted_at !== null);
  risks.sort((a, b) => ((a.exhausted_at as string) < (b.exhausted_at as string) ? -1 : 1));
  return { at_risk: risks.slice(0, MOST_AT_RISK), total: risks.length };
}

/** Hours stand by key, team and customer: of other owners the open window alone is known. */
async function hoursOfKind(
  house: ForecastHouse,
  type: string,
  id: string,
  part: Pick<ForecastBudget, "provider" | "model">,
) {
  if (type === "virtual_key") return await hoursOf(house, { virtualKeyId: id, ...part });
  if (type === "team") return await hoursOf(house, { teamId: id });
  return type === "customer" ? await hoursOf(house, { customerId: id }) : [];
}
