// Limits that hold for everybody: of models, and of providers.
import { useState } from "preact/hooks";
import { useResource } from "../../api/resource.ts";
import { queryValue, setQuery } from "../../lib/router.ts";
import { Button } from "../../parts/button.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { DetailPane } from "../../parts/detail-pane.tsx";
import { Empty } from "../../parts/empty.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { type Column, VirtualTable } from "../../parts/virtual-table.tsx";
import { GlobalLimitForm } from "./global-limit-form.tsx";
import { Place } from "./key-detail.tsx";
import { limitKey, limitName, limitPath } from "./limit-names.ts";
import { BudgetBar, RateBar } from "./meters.tsx";
import { OwnerLimits } from "./owner-limits.tsx";
import { leaving, removeLater } from "./remove.ts";
import type { GlobalLimit, UiState } from "./types.ts";
import { type Pages, usePages } from "./use-pages.ts";
import { useReloads } from "./use-reloads.ts";

const COLUMNS: readonly Column<GlobalLimit>[] = [
  { id: "what", title: "For", width: "minmax(160px, 1.6fr)", cell: (one) => <span>{limitName(one)}</span> },
  { id: "budget", title: "Budget", width: "minmax(150px, 1.2fr)", cell: (one) => <BudgetBar budgets={one.budgets} /> },
  { id: "rate", title: "Rate", width: "minmax(130px, 1fr)", cell: (one) => <RateBar rate={one.rate_limit} /> },
];

const close = () => setQuery({ open: null, edit: null });

export function GlobalLimits() {
  const models = usePages<GlobalLimit>("/api/governance/model-configs", "model_configs");
  const providers = usePages<GlobalLimit>("/api/governance/providers", "providers");
  const isLocked = useResource<UiState>("/api/ui/state").data?.config_locked === true;
  const reload = () => Promise.all([models.reload(), providers.reload()]);
  useReloads(reload);
  const open = queryValue("open");
  const rows = [...(providers.rows ?? []), ...(models.rows ?? [])].filter((one) => !leaving.value.has(limitKey(one)));
  const shown = rows.find((one) => limitKey(one) === open);
  const isEditing = open === "new" || (shown !== undefined && queryValue("edit") !== null);
  const isOpen = open === "new" || shown !== undefined;
  const error = models.error ?? providers.error;
  const isReady = models.rows !== undefined && providers.rows !== undefined;
  return (
    <div class={`with-pane${isOpen ? " is-open" : ""}`}>
      <div class="stack">
        <div class="row apart">
          <p class="soft">They hold for all keys together, besides the limits of each key.</p>
          <Button icon="plus" onClick={() => setQuery({ open: "new", edit: null })}>
            New limit
          </Button>
        </div>
        {error !== null && <ErrorPanel what="The limits could not be read." error={error} onRetry={reload} />}
        {!isReady && error === null && <Skeleton />}
        {isReady && rows.length === 0 && <NoLimits />}
        {rows.length > 0 && <Table rows={rows} open={open} models={models} providers={providers} />}
      </div>
      {isEditing ? (
        <GlobalLimitForm before={shown ?? null} isLocked={isLocked} onChanged={reload} />
      ) : (
        shown !== undefined && (
          <DetailPane id={limitKey(shown)} title={limitName(shown)} onClose={close}>
            <Shown of={shown} isLocked={isLocked} onChanged={reload} />
          </DetailPane>
        )
      )}
    </div>
  );
}

function Table({
  rows,
  open,
  models,
  providers,
}: {
  readonly rows: readonly GlobalLimit[];
  readonly open: string | null;
  readonly models: Pages<GlobalLimit>;
  readonly providers: Pages<GlobalLimit>;
}) {
  return (
    <div class="card flush">
      <VirtualTable
        label="Limits for everybody"
        rows={rows}
        columns={COLUMNS}
        keyOf={limitKey}
        hrefOf={(one) => `/keys?tab=limits&open=${encodeURIComponent(limitKey(one))}`}
        onOpen={(one) => setQuery({ open: limitKey(one), edit: null }, { replace: false })}
        chosen={open}
        onEnd={() => {
          providers.more();
          models.more();
        }}
        card={(one) => (
          <span class="stack-tight grow">
            <span class="clip strong">{limitName(one)}</span>
            <BudgetBar budgets={one.budgets} />
          </span>
        )}
      />
    </div>
  );
}

function NoLimits() {
  return (
    <Empty
      icon="keys"
      title="No limit for everybody"
      why="A limit here caps a model or a provider, whichever key asks."
      action={
        <Button kind="primary" onClick={() => setQuery({ open: "new", edit: null })}>
          Make a limit
        </Button>
      }
    />
  );
}

function Shown({
  of,
  isLocked,
  onChanged,
}: {
  readonly of: GlobalLimit;
  readonly isLocked: boolean;
  readonly onChanged: () => unknown;
}) {
  const [isBusy, setBusy] = useState(false);
  const remove = async () => {
    setBusy(true);
    const text = "Requests are no longer held by it.";
    if (await confirm({ title: `Delete the limit of ${limitName(of)}?`, text, act: "Delete" })) {
      removeLater(limitPath(of), limitKey(of), `The limit of ${limitName(of)}`);
      setQuery({ open: null, edit: null });
    }
    setBusy(false);
  };
  return (
    <>
      <div class="row">
        <Place source={of.source} isLocked={isLocked} />
        <Button icon="edit" onClick={() => setQuery({ edit: "1" })}>
          {isLocked ? "Write a patch" : "Edit"}
        </Button>
        {!isLocked && (
          <Button kind="danger" icon="trash" busy={isBusy} onClick={remove}>
            Delete
          </Button>
        )}
      </div>
      <OwnerLimits of={of} path={limitPath(of)} forecast={null} isLocked={isLocked} onChanged={onChanged} />
    </>
  );
}
