// Budgets and rate limits of any owner, to be typed.
import type { ApiError } from "../../api/errors.ts";
import { fieldError } from "../../api/errors.ts";
import { Button } from "../../parts/button.tsx";
import { TextField } from "../../parts/field.tsx";
import { Select } from "../../parts/select.tsx";
import { Switch } from "../../parts/switch.tsx";
import { type BudgetDraft, DURATIONS, type LimitsDraft, NEW_BUDGET, RATE_DURATIONS } from "./draft-limits.ts";

export interface LimitsEditorFacts {
  readonly draft: LimitsDraft;
  readonly onChange: (draft: LimitsDraft) => void;
  readonly error: ApiError | null;
  /** Before the names of its members in messages of the gateway: `provider_configs[0].`. */
  readonly path?: string;
}

export function LimitsEditor({ draft, onChange, error, path = "" }: LimitsEditorFacts) {
  const set = (changes: Partial<LimitsDraft>) => onChange({ ...draft, ...changes });
  const change = (index: number, changed: BudgetDraft | null) =>
    set({
      budgets: draft.budgets.flatMap((one, at) => (at !== index ? [one] : changed === null ? [] : [changed])),
    });
  return (
    <div class="stack">
      {draft.budgets.map((budget, index) => (
        <BudgetFields
          key={budget.id || index}
          budget={budget}
          error={error}
          path={`${path}budgets[${index}]`}
          onChange={(changed) => change(index, changed)}
        />
      ))}
      <div class="row">
        <Button icon="plus" small onClick={() => set({ budgets: [...draft.budgets, NEW_BUDGET] })}>
          Add a budget
        </Button>
      </div>
      <RateFields draft={draft} set={set} error={error} path={`${path}rate_limit`} />
    </div>
  );
}

function BudgetFields({
  budget,
  onChange,
  error,
  path,
}: {
  readonly budget: BudgetDraft;
  readonly onChange: (budget: BudgetDraft | null) => void;
  readonly error: ApiError | null;
  readonly path: string;
}) {
  const set = (changes: Partial<BudgetDraft>) => onChange({ ...budget, ...changes });
  const own = error?.param === path ? error.message : undefined;
  return (
    <fieldset class="keys-budget">
      <legend class="unseen">Budget</legend>
      <TextField
        label="Budget"
        value={budget.amount}
        onInput={(amount) => set({ amount })}
        unit="USD"
        error={own ?? fieldError(error, `${path}.max_limit`)}
      />
      <Select
        label="Begins anew"
        value={budget.duration}
        options={DURATIONS}
        allowOther
        onChange={(duration) => set({ duration })}
        error={fieldError(error, `${path}.reset_duration`)}
      />
      <div class="row keys-budget-switches">
        {budget.duration !== "" && (
          <Switch label="By the calendar" on={budget.calendar} onChange={(calendar) => set({ calendar })} />
        )}
        <Switch label="Hard" on={budget.hard} onChange={(hard) => set({ hard })} />
        <Button kind="bare" small icon="trash" label="Remove this budget" onClick={() => onChange(null)} />
      </div>
    </fieldset>
  );
}

function RateFields({
  draft,
  set,
  error,
  path,
}: {
  readonly draft: LimitsDraft;
  readonly set: (changes: Partial<LimitsDraft>) => void;
  readonly error: ApiError | null;
  readonly path: string;
}) {
  const number = (name: string) => fieldError(error, `${path}.${name}`);
  const whole = error?.param === path ? error.message : undefined;
  return (
    <div class="grid keys-rates">
      <TextField
        label="Requests"
        value={draft.requests}
        onInput={(requests) => set({ requests })}
        placeholder="no limit"
        error={whole ?? number("request_max_limit")}
      />
      <Select
        label="Requests in"
        value={draft.requestsPer}
        options={RATE_DURATIONS}
        allowOther
        onChange={(requestsPer) => set({ requestsPer })}
        error={number("request_reset_duration")}
      />
      <TextField
        label="Tokens"
        value={draft.tokens}
        onInput={(tokens) => set({ tokens })}
        placeholder="no limit"
        error={number("token_max_limit")}
      />
      <Select
        label="Tokens in"
        value={draft.tokensPer}
        options={RATE_DURATIONS}
        allowOther
        onChange={(tokensPer) => set({ tokensPer })}
        error={number("token_reset_duration")}
      />
      <TextField
        label="At once"
        hint="Requests that run side by side."
        value={draft.parallel}
        onInput={(parallel) => set({ parallel })}
        placeholder="no limit"
        error={number("max_parallel")}
      />
    </div>
  );
}
