// Why the request went where it went: the candidates with their weights and health, the draw, the rules, and the order of tries.
import type { LogCandidate, LogDecision, LogRow } from "../../../../src/core/stores.ts";
import { chartColors } from "../../lib/colors.ts";
import { percent } from "../../lib/format.ts";
import { Empty } from "../../parts/empty.tsx";
import { StatusDot } from "../../parts/status.tsx";

const ENGINES: Readonly<Record<string, string>> = {
  explicit: "The caller named the provider.",
  governance: "Drawn by the weights of the virtual key.",
  "model-catalog": "Found in the catalogue: the providers that have the model.",
  "routing-rule": "A routing rule chose.",
};

export function WhyTab({ record }: { readonly record: LogRow }) {
  const { decision } = record;
  if (decision === null)
    return (
      <Empty
        title="It never came to a decision"
        why={record.error_details?.message ?? "The request ended before it was planned."}
      />
    );
  return (
    <>
      <p>
        {ENGINES[decision.engine] ?? decision.engine} <span class="soft">{drawWords(decision)}</span>
      </p>
      {decision.candidates.some(({ share }) => share > 0) && <Draw decision={decision} />}
      <Candidates decision={decision} />
      <Order record={record} decision={decision} />
      <Rules rules={decision.rules} />
      <p class="faint small">
        Configuration {decision.snapshot_version}, seed {decision.seed}
      </p>
    </>
  );
}

function drawWords({ draw, candidates }: LogDecision): string {
  if (draw !== null) return `The draw was ${draw.toFixed(4)}.`;
  return candidates.filter(({ removed }) => removed === undefined).length > 1
    ? "Nothing was drawn: the order was given."
    : "There was nothing to draw.";
}

/** The shares side by side, and where the draw fell. */
function Draw({ decision: { candidates, draw } }: { readonly decision: LogDecision }) {
  const drawn = candidates.filter(({ share }) => share > 0);
  const colors = chartColors(drawn.map(({ provider, model }) => `${provider}/${model}`));
  return (
    <div
      class="requests-draw"
      role="img"
      aria-label={`Shares: ${drawn.map((one) => `${one.provider}/${one.model} ${percent(one.share)}`).join(", ")}${draw === null ? "" : `; the draw was ${draw.toFixed(4)}`}`}
    >
      {drawn.map((one, index) => (
        <span
          key={`${one.provider}/${one.model}`}
          class="requests-draw-part"
          style={{ width: `${one.share * 100}%`, "--part": colors[index] ?? "" }}
        >
          <span class="clip">
            {one.provider} {percent(one.share)}
          </span>
        </span>
      ))}
      {draw !== null && <span class="requests-draw-mark" style={{ left: `${draw * 100}%` }} />}
    </div>
  );
}

function Candidates({ decision: { candidates, order } }: { readonly decision: LogDecision }) {
  if (candidates.length === 0) return null;
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label="Candidates">
      <table class="table">
        <caption class="unseen">Candidates, with weight, share and health at that moment</caption>
        <thead>
          <tr>
            <th scope="col">Candidate</th>
            <th scope="col" class="right">
              Weight
            </th>
            <th scope="col" class="right">
              Share
            </th>
            <th scope="col" class="right">
              Health
            </th>
            <th scope="col">What became of it</th>
          </tr>
        </thead>
        <tbody>
          {candidates.map((one, index) => (
            <tr key={index}>
              <td>{`${one.provider}/${one.model}`}</td>
              <td class="right num">{one.weight ?? <span class="faint">only when named</span>}</td>
              <td class="right num">{percent(one.share)}</td>
              <td class="right num">{percent(one.health)}</td>
              <td>{fateOf(one, order)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function fateOf(one: LogCandidate, order: LogDecision["order"]) {
  if (one.removed !== undefined) return <StatusDot tone="off">{one.removed}</StatusDot>;
  const place = order.findIndex(
    ({ provider, model }) => provider === one.provider && (model === one.model || model.endsWith(one.model)),
  );
  if (place === 0) return <StatusDot tone="good">tried first</StatusDot>;
  return <span class="soft">{place > 0 ? `number ${place + 1} in the order` : "not in the order"}</span>;
}

function Order({ record, decision: { order } }: { readonly record: LogRow; readonly decision: LogDecision }) {
  if (order.length === 0) return <p class="soft">Nothing was left to try.</p>;
  const tried = new Set(record.attempts.map(({ fallback_index: index }) => index));
  return (
    <>
      <h3>Order of tries</h3>
      <ol class="requests-order">
        {order.map((target, index) => (
          <li key={index}>
            <span class={tried.has(index) ? "strong" : ""}>{`${target.provider}/${target.model}`}</span>
            <span class="soft">
              {" "}
              {target.reason}
              {target.key === "" ? "" : `, key ${target.key}`}
              {tried.has(index)
                ? index === record.fallback_index && record.status === "success"
                  ? ": answered"
                  : ": tried"
                : ": not needed"}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}

function Rules({ rules }: { readonly rules: LogDecision["rules"] }) {
  if (rules.length === 0) return <p class="soft">No routing rule was asked.</p>;
  return (
    <>
      <h3>Routing rules, in the order in which they were asked</h3>
      <ul class="requests-rules">
        {rules.map((rule, index) => (
          <li key={index}>
            <StatusDot tone={rule.matched ? "good" : "off"}>{rule.matched ? "matched" : "did not match"}</StatusDot>{" "}
            <span class="strong">{rule.name}</span>
            {rule.why !== "" && <span class="soft"> {rule.why}</span>}
          </li>
        ))}
      </ul>
    </>
  );
}
