// Turns findings about a body into a refusal, or into the warnings that go with an answer.
import { GatewayError } from "../../core/errors.ts";
import type { BodyFinding } from "./read-body.ts";

/** What would pass with a warning in a file, where a person reads it, and may not pass here. */
const REFUSED_HERE: ReadonlySet<BodyFinding["code"]> = new Set(["unknown-member", "expression"]);
const MOST_TOLD = 20;

/** Throws GatewayError with everything that is wrong; the texts of the rest are returned. */
export function demandGood(findings: readonly BodyFinding[]): string[] {
  const wrong = findings.filter((finding) => finding.severity === "error" || REFUSED_HERE.has(finding.code));
  if (wrong.length > 0) {
    const texts = wrong
      .slice(0, MOST_TOLD)
      .map(({ message }) => message.replace(/; (?:it is ignored|the rule is skipped)/, ""));
    const param = /^([A-Za-z_][\w.[\]-]*)[ :]/.exec(texts[0] ?? "")?.[1];
    throw new GatewayError(
      "invalid_request",
      texts.join("; "),
      param === undefined || param === "this" ? {} : { param },
    );
  }
  return findings.map((finding) => finding.message);
}
