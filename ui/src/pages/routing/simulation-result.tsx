// The answer of the simulator: the plan step by step, the shares of 10,000 draws, what was left out, what the rules said.
import { chartColors } from "../../lib/colors.ts";
import { percent } from "../../lib/format.ts";
import { CodeBlock } from "../../parts/code-block.tsx";
import { Badge, Note, StatusDot } from "../../parts/status.tsx";
import { commandOf, curlOf, type Question } from "./question.ts";
import type { ShownDecision, Simulation } from "./types.ts";
import { engineWords, reasonWords, shareRows } from "./words.ts";

export function SimulationResult({ answer, question }: { readonly answer: Simulation; readonly question?: Question }) {
  const { decision, shares, warnings = [] } = answer;
  return (
    <div class="stack" data-testid="simulation">
      {warnings.map((text) => (
        <Note key={text} tone="warn">
          <span class="routing-lines">{text}</span>
        </Note>
      ))}
      {decision.refusal !== undefined && (
        <Note tone="bad">
          <span class="strong">Refused with {decision.refusal.status}.</span> {decision.refusal.message}
        </Note>
      )}
      {decision.order.length > 0 && (
        <section>
          <h3>The plan, decided by {engineWords(decision)}</h3>
          <Plan decision={decision} />
        </section>
      )}
      <Shares decision={decision} shares={shares} />
      <Removed decision={decision} />
      <Verdicts decision={decision} />
      {question !== undefined && (
        <details class="routing-more">
          <summary>The same in a terminal</summary>
          <div class="stack">
            <CodeBlock code={commandOf(question, location.origin)} label="the command line" wrap />
            <CodeBlock code={curlOf(question, location.origin)} label="the call by curl" wrap />
          </div>
        </details>
      )}
    </div>
  );
}

function Plan({ decision }: { readonly decision: ShownDecision }) {
  return (
    <ol class="routing-plan">
      {decision.order.map((step, index) => {
        const candidate = decision.candidates.find(
          ({ provider, model }) => provider === step.provider && model === step.model,
        );
        return (
          <li key={`${step.provider}/${step.model}/${index}`}>
            <span class="routing-step">{index + 1}</span>
            <div class="grow">
              <p>
                <span class="strong">{step.provider}</span> <code>{step.model}</code>{" "}
                <span class="soft">key {step.key}</span>
              </p>
              <p class="soft small">{reasonWords(step.reason, decision)}</p>
            </div>
            {candidate !== undefined && candidate.share > 0 && (
              <span class="num" title="Probability of being first">
                {percent(candidate.share)} first
              </span>
            )}
            {candidate !== undefined && candidate.health < 1 && (
              <Badge tone="warn">{candidate.health === 0 ? "resting" : `health ${percent(candidate.health)}`}</Badge>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function Shares({ decision, shares }: Pick<Simulation, "decision" | "shares">) {
  const rows = shareRows(decision.candidates, shares);
  if (rows.length === 0) return null;
  const colors = chartColors(rows.map(({ name }) => name));
  return (
    <section>
      <h3>First choice in 10,000 draws</h3>
      <ul class="routing-shares" data-testid="draws">
        {rows.map((row, index) => (
          <li key={row.name}>
            <span class="clip" title={row.name}>
              {row.name}
            </span>
            <span class="routing-bar" aria-hidden="true">
              <span style={{ width: `${row.drawn * 100}%`, "--tone": colors[index] }} />
              {row.wanted !== null && <i style={{ left: `${row.wanted * 100}%` }} />}
            </span>
            <span class="num">
              {percent(row.drawn)}
              {row.wanted !== null && <span class="soft"> of {percent(row.wanted)} by weight</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Removed({ decision }: { readonly decision: ShownDecision }) {
  const removed = decision.candidates.filter((candidate) => candidate.removed !== undefined);
  if (removed.length === 0) return null;
  return (
    <section>
      <h3>Left out</h3>
      <ul class="routing-list">
        {removed.map((candidate, index) => (
          <li key={index}>
            <StatusDot tone="off">
              {candidate.provider}/{candidate.model}
            </StatusDot>
            <span class="soft">{candidate.removed}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Verdicts({ decision }: { readonly decision: ShownDecision }) {
  return (
    <section>
      <h3>Rules that were asked</h3>
      {decision.rules.length === 0 ? (
        <p class="soft small">None: no enabled rule concerns this caller.</p>
      ) : (
        <ul class="routing-list" data-testid="verdicts">
          {decision.rules.map((rule, index) => (
            <li key={index}>
              <StatusDot tone={rule.matched ? "good" : "off"}>
                {rule.name}: {rule.matched ? "matched" : "did not match"}
              </StatusDot>
              <span class="soft">{rule.why}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
