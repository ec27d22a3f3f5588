// The route and the figures under an answer: of its record, and until that is there, as this page saw them.
import type { ComponentChildren } from "preact";
import type { LogRow } from "../../../../src/core/stores.ts";
import { Duration, Money, Tokens } from "../../parts/figures.tsx";
import { RouteChips } from "../../parts/route-chips.tsx";
import { priceHref } from "./catalogue.ts";
import type { Answer } from "./conversation.ts";
import type { FoundRecord } from "./use-record.ts";

export interface FiguresFacts {
  readonly answer: Answer;
  readonly record: FoundRecord;
}

export function AnswerFigures({ answer, record }: FiguresFacts) {
  const row = typeof record === "string" ? null : record;
  const isStream = answer.body["stream"] === true;
  const first = row?.time_to_first_token ?? answer.firstAfter;
  const total = row?.latency ?? answer.endAfter;
  const speed = row === null ? null : tokensPerSecond(row);
  const usage = row?.token_usage ?? null;
  const cached = usage?.prompt_tokens_details.cached_read_tokens ?? 0;
  return (
    <>
      {row !== null && row.attempts.length > 0 && (
        <div class="row">
          <RouteChips attempts={row.attempts} />
          {row.provider !== "" && <span class="soft small clip">{`${row.provider}/${row.model}`}</span>}
        </div>
      )}
      <dl class="playground-figures">
        {isStream && (first !== null || answer.state === "done") && (
          <Named name="First token" value={<Duration ms={first} />} />
        )}
        {speed !== null && <Named name="Tokens/s" value={<span class="num">{speed}</span>} />}
        <Named name="Total" value={<Duration ms={total} />} />
        {usage !== null && (
          <Named
            name="Tokens"
            value={
              <>
                <Tokens count={usage.prompt_tokens} /> in, <Tokens count={usage.completion_tokens} /> out
              </>
            }
          />
        )}
        {row !== null && <Named name="Cost" value={<Cost row={row} />} />}
        {cached > 0 && (
          <Named
            name="Cache"
            value={
              <>
                <Tokens count={cached} /> tokens of the input read from the provider's cache
              </>
            }
          />
        )}
      </dl>
      {record === "none" && answer.error?.status !== 0 && (
        <p class="soft small">
          It is not in the log: <a href="/settings?q=logging">requests may not be logged</a>. The times are those of
          this page.
        </p>
      )}
    </>
  );
}

function Named({ name, value }: { readonly name: string; readonly value: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Cost({ row }: { readonly row: LogRow }) {
  if (row.cost !== null) return <Money usd={row.cost} />;
  return (
    <>
      <Money usd={null} />, <a href={priceHref(row.provider, row.model)}>set one</a>
    </>
  );
}

/** Of the answer while it was written; null: too short to tell. */
export function tokensPerSecond(row: Pick<LogRow, "token_usage" | "latency" | "time_to_first_token">): string | null {
  const count = row.token_usage?.completion_tokens ?? 0;
  const seconds = (row.latency - (row.time_to_first_token ?? 0)) / 1000;
  if (count < 2 || seconds < 0.02) return null;
  const speed = count / seconds;
  return speed >= 100 ? Math.round(speed).toLocaleString("en-US") : String(Number(speed.toPrecision(2)));
}
