// Reads the answer of POST /api/routing/simulate, believing nothing of it.

export interface SimulatedTarget {
  readonly provider: string;
  readonly model: string;
  readonly key: string;
  readonly reason: string;
}

export interface SimulatedCandidate {
  readonly provider: string;
  readonly model: string;
  readonly weight: number | null;
  readonly share: number;
  readonly health: number;
  readonly removed: string | null;
}

export interface SimulatedRule {
  readonly name: string;
  readonly matched: boolean;
  readonly why: string;
}

export interface Simulation {
  readonly type: "decision";
  readonly engine: string;
  readonly seed: number | null;
  readonly draw: number | null;
  readonly order: readonly SimulatedTarget[];
  readonly candidates: readonly SimulatedCandidate[];
  /** The routing rules that were asked, in that order. */
  readonly rules: readonly SimulatedRule[];
  readonly refusal: { readonly status: number; readonly code: string; readonly message: string } | null;
  /** `provider/model` → fraction. */
  readonly shares: readonly (readonly [string, number])[];
  readonly warnings: readonly string[];
}

export type SimulationAnswer = Simulation | { readonly type: "problem"; readonly message: string };

type Fields = Readonly<Record<string, unknown>>;

export function readSimulation(status: number, body: string): SimulationAnswer {
  const root = fields(parse(body));
  if (status !== 200) return { type: "problem", message: problemText(status, root) };
  const decision = fields(root.decision);
  if (!Array.isArray(decision.order))
    return { type: "problem", message: "the answer is no routing decision; is this a Drawbridge gateway?" };
  const refusal = fields(decision.refusal);
  return {
    type: "decision",
    engine: text(decision.engine),
    seed: number(decision.seed),
    draw: number(decision.draw),
    order: items(decision.order).map((item) => ({
      provider: text(item.provider),
      model: text(item.model),
      key: text(item.key),
      reason: text(item.reason),
    })),
    candidates: items(decision.candidates).map((item) => ({
      provider: text(item.provider),
      model: text(item.model),
      weight: number(item.weight),
      share: number(item.share) ?? 0,
      health: number(item.health) ?? 1,
      removed: typeof item.removed === "string" ? item.removed : null,
    })),
    rules: items(decision.rules).map((item) => ({
      name: text(item.name),
      matched: item.matched === true,
      why: text(item.why),
    })),
    refusal:
      typeof refusal.message === "string"
        ? { status: number(refusal.status) ?? 0, code: text(refusal.code), message: refusal.message }
        : null,
    shares: Object.entries(fields(root.shares)).map(([name, share]) => [name, number(share) ?? 0] as const),
    warnings: Array.isArray(root.warnings) ? root.warnings.filter((one) => typeof one === "string") : [],
  };
}

function problemText(status: number, root: Fields): string {
  const error = fields(root.error);
  const message =
    typeof error.message === "string" ? error.message : typeof root.message === "string" ? root.message : "";
  return message === "" ? `the gateway answered with status ${status}` : `${message} (status ${status})`;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function items(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

/** Text for a terminal: without control characters. */
function text(value: unknown): string {
  // oxlint-disable-next-line no-control-regex
  return typeof value === "string" ? value.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, " ") : "";
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
