// Costs of stored requests calculated anew by the prices in force: started, watched, and ended before time.
import { useEffect, useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import { type ApiError, toApiError } from "../../api/errors.ts";
import { useResource } from "../../api/resource.ts";
import { Button } from "../../parts/button.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { Money } from "../../parts/figures.tsx";
import { Switch } from "../../parts/switch.tsx";
import { Time } from "../../parts/time.tsx";
import { type Job, shareDone } from "./recalculation-progress.ts";

const EVERY = 700;

export function Recalculate() {
  const job = useResource<Job>("/api/logs/recalculate-cost/status");
  const [error, setError] = useState<ApiError | null>(null);
  const [isForBudgets, setForBudgets] = useState(false);
  const isRunning = job.data?.status === "running" || job.data?.status === "cancelling";
  useEffect(() => {
    if (!isRunning) return;
    const timer = window.setInterval(() => void job.reload(), EVERY);
    return () => window.clearInterval(timer);
  }, [isRunning]);
  const act = async (path: string, body: object) => {
    setError(null);
    try {
      await send("POST", path, body);
    } catch (failure) {
      setError(toApiError(failure));
    }
    await job.reload();
  };
  const start = async () => {
    const text = `The cost of every stored request becomes what it is by today's prices${isForBudgets ? ", and budgets are charged the difference" : ""}.`;
    if (!(await confirm({ title: "Recalculate all costs?", text, act: "Recalculate", danger: false }))) return;
    await act("/api/logs/recalculate-cost", { apply_to_budgets: isForBudgets });
  };
  return (
    <div class="stack settings-job">
      <h3>Costs of stored requests</h3>
      {isRunning ? (
        <Running job={job.data as Job} onCancel={() => act("/api/logs/recalculate-cost/cancel", {})} />
      ) : (
        <div class="row">
          <Button icon="retry" onClick={start}>
            Recalculate costs
          </Button>
          <Switch label="Charge budgets the difference" on={isForBudgets} onChange={setForBudgets} />
        </div>
      )}
      {job.data !== undefined && !isRunning && <Outcome job={job.data} />}
      {error !== null && <ErrorPanel what="Costs were not recalculated." error={error} />}
    </div>
  );
}

function Running({ job, onCancel }: { readonly job: Job; readonly onCancel: () => Promise<void> }) {
  const share = shareDone(job);
  return (
    <div class="row">
      <progress aria-label="Recalculated" max={1} {...(share === null ? {} : { value: share })} />
      <span class="soft">{`${job.updated ?? 0} of ${job.matched ?? 0} requests changed`}</span>
      <Button small onClick={onCancel} disabled={job.status === "cancelling"}>
        {job.status === "cancelling" ? "Ending" : "Cancel"}
      </Button>
    </div>
  );
}

function Outcome({ job }: { readonly job: Job }) {
  if (job.status === "none") return null;
  const words = job.error ?? (job.status === "cancelled" ? "Cancelled" : "Done");
  return (
    <p class="soft small">
      {words} <Time at={job.ended_at ?? null} />: {`${job.updated ?? 0} of ${job.matched ?? 0} requests changed, `}
      <Money usd={job.cost_difference ?? null} /> in all
      {(job.unpriced ?? 0) > 0 && `, ${job.unpriced} with an unknown price`}.
    </p>
  );
}
