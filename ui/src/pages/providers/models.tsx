// The catalogue of models: price, where it comes from, context window; a way to set a price where none is known.
import { useState } from "preact/hooks";
import { useResource } from "../../api/resource.ts";
import { plural, short } from "../../lib/format.ts";
import { queryValue, setQuery } from "../../lib/router.ts";
import { Button } from "../../parts/button.tsx";
import { Card } from "../../parts/card.tsx";
import { Empty } from "../../parts/empty.tsx";
import { TextField } from "../../parts/field.tsx";
import { Money } from "../../parts/figures.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Picker } from "../../parts/select.tsx";
import { type Column, VirtualTable } from "../../parts/virtual-table.tsx";
import { PriceForm } from "./price-form.tsx";
import { priceOf } from "./prices.ts";
import type { ModelShown } from "./types.ts";

const PAGE = 100;

interface ModelPage {
  readonly models: readonly ModelShown[];
  readonly total: number;
}

/** The pages so far; each is asked for when the end of the one before is seen. */
function useModelPages(text: string, provider: string) {
  const [pages, setPages] = useState(1);
  const query = new URLSearchParams({ limit: String(PAGE * pages), ...(text === "" ? {} : { query: text }) });
  if (provider !== "") query.set("provider", provider);
  const list = useResource<ModelPage>(`/api/models/details?${query}`);
  const more = () => {
    const shown = list.data?.models.length ?? 0;
    if (!list.isReloading && shown < (list.data?.total ?? 0) && shown >= PAGE * pages) setPages(pages + 1);
  };
  return { list, more };
}

export interface Priced {
  readonly provider: string;
  readonly model: string;
}

export function Models({ providers }: { readonly providers: readonly string[] }) {
  const text = queryValue("q") ?? "";
  const provider = queryValue("provider") ?? "";
  const { list, more } = useModelPages(text, provider);
  const [priced, setPriced] = useState<Priced | null>(null);
  const columns: readonly Column<ModelShown>[] = [
    {
      id: "model",
      title: "Model",
      width: "minmax(160px, 2fr)",
      cell: (row) => <span title={row.name}>{row.name}</span>,
    },
    { id: "provider", title: "Provider", width: "minmax(90px, 1fr)", cell: (row) => <span>{row.provider}</span> },
    {
      id: "input",
      title: "Input, 1M",
      width: "120px",
      align: "right",
      cell: (row) => <Money usd={priceOf(row).input} />,
    },
    {
      id: "output",
      title: "Output, 1M",
      width: "120px",
      align: "right",
      cell: (row) => <Money usd={priceOf(row).output} />,
    },
    {
      id: "window",
      title: "Context",
      width: "90px",
      align: "right",
      from: 700,
      cell: (row) => <span class="num">{short(row.context_length ?? null)}</span>,
    },
    {
      id: "source",
      title: "Price from",
      width: "minmax(110px, 1fr)",
      from: 820,
      cell: (row) => <span class="soft">{row.pricing_source ?? "–"}</span>,
    },
    {
      id: "act",
      title: <span class="unseen">Acts</span>,
      width: "104px",
      cell: (row) => (
        <Button
          small
          kind="bare"
          label={`Set price of ${row.name}`}
          onClick={() => setPriced({ provider: row.provider, model: row.name })}
        >
          Set price
        </Button>
      ),
    },
  ];
  return (
    <>
      <Unpriced onPrice={setPriced} />
      <Card title="Models" flush testId="models">
        <div class="row providers-tools">
          <div class="grow">
            <TextField
              label="Find a model"
              type="search"
              value={text}
              onInput={(value) => setQuery({ q: value || null })}
            />
          </div>
          <Picker
            label="Provider"
            value={provider}
            options={[
              { value: "", label: "All providers" },
              ...providers.map((name) => ({ value: name, label: name })),
            ]}
            onChange={(name) => setQuery({ provider: name || null })}
          />
        </div>
        <Loaded
          of={list}
          failed="The models could not be read."
          empty={(page) =>
            page.total > 0 ? null : <Empty title="No model fits" why="Change the name or the provider above." />
          }
        >
          {(page) => (
            <VirtualTable
              label="Models"
              rows={page.models}
              columns={columns}
              keyOf={(row) => `${row.provider}/${row.name}`}
              onEnd={more}
              foot={<p class="soft small">{plural(page.total, "model")}</p>}
              card={(row) => (
                <div class="row apart">
                  <span class="stack-tight grow">
                    <span class="clip">{row.name}</span>
                    <span class="soft small">
                      {row.provider} · <Money usd={priceOf(row).input} /> in, <Money usd={priceOf(row).output} /> out
                    </span>
                  </span>
                  <Button small kind="bare" onClick={() => setPriced({ provider: row.provider, model: row.name })}>
                    Set price
                  </Button>
                </div>
              )}
            />
          )}
        </Loaded>
      </Card>
      {priced !== null && <PriceForm of={priced} onClose={() => setPriced(null)} />}
    </>
  );
}

function Unpriced({ onPrice }: { readonly onPrice: (of: Priced) => void }) {
  const list = useResource<{ models: readonly (Priced & { requests: number })[]; total: number }>(
    "/api/pricing/unpriced?limit=20",
  );
  if (list.data === undefined || list.data.total === 0) return null;
  return (
    <Card title={`Unknown price: ${plural(list.data.total, "model")}`} testId="unpriced">
      <ul class="providers-keys">
        {list.data.models.map((row) => (
          <li key={`${row.provider}/${row.model}`} class="row apart">
            <span>
              <code>
                {row.provider}/{row.model}
              </code>{" "}
              <span class="soft small">
                {row.requests > 0 ? plural(row.requests, "request") : "not asked for lately"}
              </span>
            </span>
            <Button small label={`Set a price for ${row.model}`} onClick={() => onPrice(row)}>
              Set a price
            </Button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
