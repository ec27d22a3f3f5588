// What people do to a budget: raise it for some windows, top it up, begin it anew, release what a crash made us charge.
import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import { type ApiError, toApiError } from "../../api/errors.ts";
import { Button } from "../../parts/button.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { TextField } from "../../parts/field.tsx";
import { toast } from "../../parts/toast.tsx";
import { typedNumber } from "./draft-limits.ts";
import type { Budget } from "./types.ts";

export interface BudgetActsFacts {
  readonly budget: Budget;
  /** Of the owner: `/api/governance/virtual-keys/ID`. */
  readonly ownerPath: string;
  readonly onDone: () => unknown;
  readonly disabled: boolean;
}

export function BudgetActs({ budget, ownerPath, onDone, disabled }: BudgetActsFacts) {
  const [open, setOpen] = useState<"raise" | "credit" | null>(null);
  const path = `/api/governance/budgets/${encodeURIComponent(budget.id)}`;
  const act = async (work: () => Promise<unknown>, text: string) => {
    try {
      await work();
      toast({ text, tone: "good" });
      await onDone();
    } catch (error) {
      toast({ text: `Not done: ${toApiError(error).message}.`, tone: "bad" });
    }
  };
  const reset = async () => {
    const question = {
      title: "Begin a new window now?",
      text: "What is used counts from zero again.",
      act: "Reset use",
    };
    if (await confirm(question)) await act(() => send("POST", `${path}/reset`, {}), "The budget begins anew.");
  };
  const overridePath = `${ownerPath}/budgets/${encodeURIComponent(budget.id)}/override`;
  return (
    <div class="row">
      {budget.reset_duration === "" ? (
        <Button small disabled={disabled} onClick={() => setOpen("credit")}>
          Add credit
        </Button>
      ) : (
        <Button small disabled={disabled} onClick={() => setOpen("raise")}>
          Raise for a while
        </Button>
      )}
      {(budget.override_amount ?? 0) !== 0 && (
        <Button small onClick={() => act(() => send("DELETE", overridePath), "The raise is taken back.")}>
          Take the raise back
        </Button>
      )}
      <Button small onClick={reset}>
        Reset use
      </Button>
      {budget.uncertain > 0 && (
        <Button small onClick={() => act(() => send("POST", `${path}/release-uncertain`, {}), "Released.")}>
          Release uncertain
        </Button>
      )}
      {open === "raise" && (
        <AmountDialog
          title="Raise this budget"
          act="Raise"
          second={{
            label: "For how many windows",
            value: "1",
            hint: "The open one counts. Empty: until it is taken back.",
          }}
          onClose={() => setOpen(null)}
          onSend={async (amount, cycles) => {
            const body =
              cycles === "" ? { amount, mode: "forever" } : { amount, mode: "cycles", cycles: typedNumber(cycles) };
            await send("PUT", overridePath, body);
            await onDone();
          }}
        />
      )}
      {open === "credit" && (
        <AmountDialog
          title="Add credit"
          act="Add credit"
          second={{ label: "Note", value: "", hint: "For the record: an invoice, a reason." }}
          onClose={() => setOpen(null)}
          onSend={async (amount, note) => {
            await send("POST", `${path}/credit`, { amount, note, key: creditKey() });
            await onDone();
          }}
        />
      )}
    </div>
  );
}

/** Pages that came by plain HTTP from another machine have no randomUUID. */
function creditKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `page-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

function AmountDialog({
  title,
  act,
  second,
  onSend,
  onClose,
}: {
  readonly title: string;
  readonly act: string;
  readonly second: { readonly label: string; readonly value: string; readonly hint: string };
  readonly onSend: (amount: number | string, second: string) => Promise<void>;
  readonly onClose: () => void;
}) {
  const [amount, setAmount] = useState("");
  const [more, setMore] = useState(second.value);
  const [error, setError] = useState<ApiError | null>(null);
  const submit = async () => {
    setError(null);
    try {
      await onSend(typedNumber(amount), more.trim());
      onClose();
    } catch (thrown) {
      setError(toApiError(thrown));
    }
  };
  const isSecond = error?.param === "cycles" || error?.param === "note";
  return (
    <Dialog
      title={title}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" onClick={submit}>
            {act}
          </Button>
        </>
      }
    >
      <TextField
        label="Amount"
        value={amount}
        onInput={setAmount}
        unit="USD"
        autoFocus
        error={error === null || isSecond ? undefined : error.message}
      />
      <TextField
        label={second.label}
        value={more}
        onInput={setMore}
        hint={second.hint}
        error={isSecond ? error?.message : undefined}
      />
    </Dialog>
  );
}
