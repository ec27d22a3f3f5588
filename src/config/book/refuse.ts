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
    const param = paramOf(texts[0] ?? "");
    throw new GatewayError("invalid_request", texts.join("; "), param === undefined ? {} : { param });
  }
  return findings.map((finding) => finding.message);
}

/** The member that a message is about: its first word, or what the whole body lacks. */
function paramOf(text: string): string | undefined {
  const lacked = /^this entry has no ([a-z]+(?:_[a-z]+)*)(?: \(|$)/.exec(text)?.[1];
  const word = lacked ?? /^([A-Za-z_][\w.[\]-]*)[ :]/.exec(text)?.[1];
  return word === "this" ? undefined : word;
}
