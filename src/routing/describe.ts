// A decision as plain data for people and programs: the same form in simulations and records.
import type { Decision } from "../core/decision.ts";

export interface DescribedDecision {
  readonly engine: string;
  readonly seed: number;
  readonly draw: number | null;
  readonly snapshot_version: number;
  readonly order: readonly { provider: string; model: string; key: string; reason: string }[];
  readonly candidates: readonly {
    provider: string;
    model: string;
    weight: number | null;
    share: number;
    health: number;
    removed?: string;
  }[];
  readonly rules: readonly { name: string; matched: boolean; why: string }[];
  /** The rule that chose. */
  readonly rule?: { readonly id: string; readonly name: string };
  readonly refusal?: { code: string; status: number; message: string };
}

export function describeDecision(decision: Decision): DescribedDecision {
  return {
    engine: decision.engine,
    seed: decision.seed,
    draw: decision.draw,
    snapshot_version: decision.snapshotVersion,
    order: decision.order.map((t) => ({
      provider: t.provider.name,
      model: t.model,
      key: t.key.name,
      reason: t.reason,
    })),
    candidates: decision.candidates.map((c) => ({
      provider: c.provider,
      model: c.model,
      weight: c.weight,
      share: c.share,
      health: c.health,
      ...(c.removed === undefined ? {} : { removed: c.removed }),
    })),
    rules: decision.rules.map(({ name, matched, why }) => ({ name, matched, why })),
    ...(decision.rule === null ? {} : { rule: { id: decision.rule.id, name: decision.rule.name } }),
    ...(decision.refusal === null
      ? {}
      : {
          refusal: { code: decision.refusal.code, status: decision.refusal.status, message: decision.refusal.message },
        }),
  };
}
