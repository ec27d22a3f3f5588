// Prints a routing decision for people: what would be tried in which order, the candidates, and why some are out.
import type { SimulatedCandidate, SimulatedRule, Simulation } from "./read-simulation.ts";

export function decisionText(simulation: Simulation): string {
  const blocks = [
    orderBlock(simulation),
    rulesBlock(simulation.rules),
    candidateBlock(simulation.candidates),
    drawBlock(simulation),
    sharesBlock(simulation),
  ];
  const warnings = simulation.warnings.map((warning) => `warning: ${warning}`).join("\n");
  return `${[...blocks, warnings].filter((block) => block !== "").join("\n\n")}\n`;
}

function orderBlock({ order, refusal }: Simulation): string {
  if (order.length === 0) {
    return refusal === null
      ? "Nothing would be tried."
      : `Refused with status ${refusal.status} (${refusal.code}): ${refusal.message}`;
  }
  const rows = order.map((target, index) => [
    `${index + 1}.`,
    `${target.provider}/${target.model}`,
    `key ${target.key}`,
    target.reason,
  ]);
  return `Tried in this order:\n${table(rows)}`;
}

function rulesBlock(rules: readonly SimulatedRule[]): string {
  if (rules.length === 0) return "";
  const rows = rules.map(({ name, matched, why }) => [name, matched ? "matched" : "did not match", why]);
  return `Routing rules:\n${table(rows)}`;
}

function candidateBlock(candidates: readonly SimulatedCandidate[]): string {
  if (candidates.length === 0) return "";
  const rows = candidates.map((candidate) => [
    `${candidate.provider}/${candidate.model}`,
    `weight ${candidate.weight ?? "none"}`,
    `share ${percent(candidate.share)}`,
    candidate.health === 1 ? "healthy" : `health ${Number(candidate.health.toFixed(2))}`,
    candidate.removed === null ? "" : `out: ${candidate.removed}`,
  ]);
  return `Candidates:\n${table(rows)}`;
}

function drawBlock({ draw, seed, engine }: Simulation): string {
  const how = engine === "" ? "" : `Decided by ${engine}`;
  if (draw === null || seed === null) return how;
  return `${how === "" ? "Drew" : `${how}; drew`} ${draw.toFixed(4)} with seed ${seed}`;
}

function sharesBlock({ shares }: Simulation): string {
  if (shares.length === 0) return "";
  return `Share of first tries:\n${table(shares.map(([name, share]) => [name, percent(share)]))}`;
}

function percent(fraction: number): string {
  return `${Number((fraction * 100).toFixed(2))} %`;
}

/** Columns as wide as their widest cell. */
function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  return rows
    .map((row) => `  ${row.map((cell, index) => cell.padEnd(widths[index]!)).join("  ")}`.trimEnd())
    .join("\n");
}
