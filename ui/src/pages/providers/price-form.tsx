// Sets the price of a model: an override, which holds before every sheet.
import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import { type ApiError, fieldError, toApiError } from "../../api/errors.ts";
import { refresh, useResource } from "../../api/resource.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { TextField } from "../../parts/field.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { toast } from "../../parts/toast.tsx";
import type { Priced } from "./models.tsx";
import { patchOf, typedRate } from "./prices.ts";
import type { Override } from "./types.ts";

const PATH = "/api/governance/pricing-overrides";

/** What is charged by tokens; streams count as their base type. */
const TOKEN_TYPES = ["chat_completion", "text_completion", "responses", "embedding"];

interface OverrideList {
  readonly pricing_overrides: readonly Override[];
}

export function PriceForm({ of, onClose }: { readonly of: Priced; readonly onClose: () => void }) {
  const query = new URLSearchParams({ scope_kind: "provider", provider_id: of.provider, limit: "100" });
  const list = useResource<OverrideList>(`${PATH}?${query}`);
  if (list.data === undefined && list.error === null)
    return (
      <Dialog title={`Price of ${of.model}`} onClose={onClose}>
        <Skeleton />
      </Dialog>
    );
  const before = list.data?.pricing_overrides.find(
    ({ pattern, match_type, provider_id }) =>
      pattern === of.model && match_type === "exact" && provider_id === of.provider,
  );
  return <Rates of={of} before={before} onClose={onClose} />;
}

interface RatesFacts {
  readonly of: Priced;
  readonly before: Override | undefined;
  readonly onClose: () => void;
}

function Rates({ of, before, onClose }: RatesFacts) {
  const [input, setInput] = useState(typedRate(before?.patch["input_cost_per_token"]));
  const [output, setOutput] = useState(typedRate(before?.patch["output_cost_per_token"]));
  const [error, setError] = useState<ApiError | null>(null);
  const done = async (text: string) => {
    toast({ text });
    await Promise.all([refresh(PATH), refresh("/api/models"), refresh("/api/pricing")]);
    onClose();
  };
  const save = async () => {
    const patch = { ...before?.patch, ...patchOf(input, output) };
    const named = { name: `${of.provider}/${of.model}`, scope_kind: "provider", provider_id: of.provider };
    try {
      await (before === undefined
        ? send("POST", PATH, { ...named, match_type: "exact", pattern: of.model, request_types: TOKEN_TYPES, patch })
        : send("PUT", `${PATH}/${before.id}`, { patch }));
      await done(`${of.model} has a price from now on.`);
    } catch (thrown) {
      setError(toApiError(thrown));
    }
  };
  const remove = async () => {
    if (before === undefined) return;
    try {
      await send("DELETE", `${PATH}/${before.id}`);
      await done(`${of.model} has the price of the sheet again.`);
    } catch (thrown) {
      setError(toApiError(thrown));
    }
  };
  const atField = fieldError(error, "patch", "input_cost_per_token", "output_cost_per_token");
  return (
    <Dialog
      title={`Price of ${of.model}`}
      onClose={onClose}
      foot={
        <>
          {before !== undefined && (
            <Button kind="danger" onClick={remove}>
              Take it off
            </Button>
          )}
          <span class="grow" />
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" disabled={input.trim() === "" && output.trim() === ""} onClick={save}>
            Set price
          </Button>
        </>
      }
    >
      <div class="stack">
        <p class="soft">
          For {of.provider}, in USD for a million tokens. It holds before the price sheet; what was recorded keeps its
          cost.
        </p>
        {error !== null && atField === undefined && <ErrorPanel what="The price was not set." error={error} />}
        <div class="providers-two">
          <TextField label="Input" unit="USD / 1M" value={input} onInput={setInput} error={atField} autoFocus />
          <TextField label="Output" unit="USD / 1M" value={output} onInput={setOutput} />
        </div>
      </div>
    </Dialog>
  );
}
