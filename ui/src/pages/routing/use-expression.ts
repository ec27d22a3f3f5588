// Has an expression checked while it is typed, by the compiler of live traffic.
import { useEffect, useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import type { Simulation } from "./types.ts";

const PAUSE = 200;
const MARK = "does not compile; the rule is skipped:\n";

/** What is wrong with it, with the place; null = nothing, or not known yet. */
export function useExpression(expression: string): string | null {
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (expression.trim() === "") return setProblem(null);
    const abort = new AbortController();
    const timer = window.setTimeout(() => {
      checkExpression(expression, abort.signal)
        .then(setProblem)
        .catch(() => {});
    }, PAUSE);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [expression]);
  return problem;
}

/** A configuration of this one rule is read as a draft; its findings tell. */
async function checkExpression(expression: string, signal: AbortSignal): Promise<string | null> {
  const config = {
    governance: { routing_rules: [{ name: "draft", cel_expression: expression, targets: [{ model: "m" }] }] },
  };
  const body = { body: { model: "demo/echo" }, config };
  const { warnings = [] } = await send<Simulation>("POST", "/api/routing/simulate", body, { signal });
  const found = warnings.find((text) => text.includes(MARK));
  return found === undefined ? null : found.slice(found.indexOf(MARK) + MARK.length).trim();
}
