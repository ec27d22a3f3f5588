// Reads governance.complexity_analyzer_config: scores at which tiers begin, in order, and the words that count.
import { STANDARD_COMPLEXITY } from "../core/complexity.ts";
import type { ComplexityEntity } from "../core/entities.ts";
import type { Reading } from "./reading.ts";
import type { GovernanceConfig } from "./schema/governance.ts";
import type { ComplexityConfig } from "./schema/owners.ts";

const PATH = "governance.complexity_analyzer_config";

/** What is left out is as it is built in; null = nothing is said. Of the older spellings each stands where the other is absent. */
export function complexityEntity(config: ComplexityConfig | undefined): ComplexityEntity | null {
  if (config === undefined) return null;
  const { tier_boundaries: boundaries = {}, keywords = {}, thresholds = {}, words = {} } = config;
  const standard = STANDARD_COMPLEXITY;
  const entity: ComplexityEntity = {
    kind: "complexity",
    medium: boundaries.simple_medium ?? thresholds.simple ?? standard.medium,
    complex: boundaries.medium_complex ?? thresholds.medium ?? standard.complex,
    reasoning: boundaries.complex_reasoning ?? thresholds.complex ?? standard.reasoning,
    codeWords: normal(keywords.code_keywords ?? words.code) ?? standard.codeWords,
    reasoningWords: normal(keywords.reasoning_keywords ?? words.reasoning) ?? standard.reasoningWords,
    technicalWords: normal(keywords.technical_keywords ?? words.technical) ?? standard.technicalWords,
    simpleWords: normal(keywords.simple_keywords ?? words.simple) ?? standard.simpleWords,
  };
  return JSON.stringify(entity) === JSON.stringify(standard) ? null : entity;
}

/** Lower case, without spaces at the ends, each once. */
function normal(list: readonly (string | undefined)[] | undefined): readonly string[] | undefined {
  if (list === undefined) return undefined;
  const words = list.map((word) => word?.trim().toLowerCase() ?? "").filter((word) => word !== "");
  return [...new Set(words)];
}

/** The entity; boundaries that are not in order are refused. */
export function readComplexity(reading: Reading, governance: GovernanceConfig | undefined): ComplexityEntity | null {
  const config = governance?.complexity_analyzer_config as ComplexityConfig | undefined;
  const entity = complexityEntity(config);
  if (entity === null || config === undefined) return null;
  const { medium, complex, reasoning } = entity;
  if (0 < medium && medium < complex && complex < reasoning && reasoning < 1) return entity;
  const member = config.tier_boundaries === undefined ? "thresholds" : "tier_boundaries";
  reading.document.refuse(reading.document.at(config, member), "wrong-value", `${PATH}.${member} are not in order`, {
    expected: "0 < simple_medium < medium_complex < complex_reasoning < 1",
    found: `${medium}, ${complex}, ${reasoning}`,
  });
  return null;
}

/** As answers of the API show it, and as it is stored. */
export function showComplexity(entity: ComplexityEntity | null) {
  const { medium, complex, reasoning, ...words } = entity ?? STANDARD_COMPLEXITY;
  return {
    tier_boundaries: { simple_medium: medium, medium_complex: complex, complex_reasoning: reasoning },
    keywords: {
      code_keywords: words.codeWords,
      reasoning_keywords: words.reasoningWords,
      technical_keywords: words.technicalWords,
      simple_keywords: words.simpleWords,
    },
  };
}
