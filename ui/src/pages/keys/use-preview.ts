// Asks the gateway what a draft would do, a moment after each key press; an older question is given up.
import { useEffect, useRef, useState } from "preact/hooks";
import { get, send } from "../../api/client.ts";
import { type ApiError, toApiError } from "../../api/errors.ts";
import { type KeyDraft, keyBody } from "./draft.ts";
import { type ModelPreview, modelPreview, type SimulatedDecision, type Week, type WeekModel } from "./preview.ts";
import type { VirtualKey } from "./types.ts";

/** ms without a key press. */
const QUIET = 200;
/** So many models are simulated at once. */
const MOST_MODELS = 6;

export interface Preview {
  readonly models: readonly ModelPreview[];
  readonly warnings: readonly string[];
  /** Why there is none: what saving would be refused for. */
  readonly error: ApiError | null;
  readonly week: Week;
  /** More models are allowed than are shown. */
  readonly isCut: boolean;
  readonly isBusy: boolean;
}

const NOTHING: Preview = { models: [], warnings: [], error: null, week: new Map(), isCut: false, isBusy: true };

/** `extra`: a model that the reader wants to see too. */
export function usePreview(draft: KeyDraft, before: VirtualKey | null, extra: string): Preview {
  const [preview, setPreview] = useState(NOTHING);
  const weeks = useRef(new Map<string, readonly WeekModel[]>());
  const body = JSON.stringify({ ...keyBody(draft, before), ...(before === null ? {} : { id: before.id }) });
  useEffect(() => {
    const abort = new AbortController();
    const timer = window.setTimeout(async () => {
      setPreview((shown) => ({ ...shown, isBusy: true }));
      try {
        const week = await readWeek(draft, before, weeks.current, abort.signal);
        const names = await modelNames(draft, week, extra, abort.signal);
        const found = await simulateAll(names.slice(0, MOST_MODELS), JSON.parse(body) as object, abort.signal);
        if (!abort.signal.aborted)
          setPreview({ ...found, week, error: null, isCut: names.length > MOST_MODELS, isBusy: false });
      } catch (error) {
        if (!abort.signal.aborted) setPreview((shown) => ({ ...shown, error: toApiError(error), isBusy: false }));
      }
    }, QUIET);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [body, extra]);
  return preview;
}

async function simulateAll(names: readonly string[], key: object, signal: AbortSignal) {
  // one name at least: the draft itself is judged by it
  const asked = names.length === 0 ? [""] : names;
  const answers = await Promise.all(
    asked.map((model) =>
      send<SimulatedDecision>(
        "POST",
        "/api/routing/simulate",
        { draft: { virtual_key: key }, body: { model: model || "any-model" } },
        { signal },
      ),
    ),
  );
  return {
    models: answers.flatMap((answer, index) => (asked[index] ? [modelPreview(asked[index], answer)] : [])),
    warnings: answers[0]?.warnings ?? [],
  };
}

/** What was asked of the chosen providers in the last week, by this key or, for a new one, by all. */
async function readWeek(
  draft: KeyDraft,
  before: VirtualKey | null,
  known: Map<string, readonly WeekModel[]>,
  signal: AbortSignal,
): Promise<Week> {
  const own = before === null ? "" : `&virtual_key_ids=${encodeURIComponent(before.id)}`;
  for (const { provider } of draft.providers) {
    if (known.has(provider)) continue;
    const path = `/api/logs/rankings?period=7d&limit=50&providers=${encodeURIComponent(provider)}${own}`;
    const answer = await get<{ rankings: readonly WeekModel[] }>(path, { signal }).catch((error: unknown) => {
      if (signal.aborted) throw error;
      // without a log there is nothing to estimate from
      return { rankings: [] };
    });
    known.set(provider, answer.rankings);
  }
  return new Map(draft.providers.map(({ provider }) => [provider, known.get(provider) ?? []]));
}

/** The models to show: those that are named, else those that were asked for, else a few of the provider's own. */
async function modelNames(draft: KeyDraft, week: Week, extra: string, signal: AbortSignal): Promise<string[]> {
  const named = draft.providers.flatMap((row) => row.models ?? []);
  const open = draft.providers.filter((row) => row.models === null).map((row) => row.provider);
  const asked = open
    .flatMap((provider) => week.get(provider) ?? [])
    .toSorted((a, b) => b.total_requests - a.total_requests)
    .map(({ model }) => model);
  const names = new Set([extra, ...named, ...asked].filter((name) => name !== ""));
  for (const provider of names.size === 0 ? open : []) {
    const path = `/api/models?limit=2&provider=${encodeURIComponent(provider)}`;
    const { models } = await get<{ models: readonly { name: string }[] }>(path, { signal });
    for (const { name } of models) names.add(name);
  }
  return [...names];
}
