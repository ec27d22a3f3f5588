// Every model of the configured providers with its price, where the price is from, and its window; loaded page by page.
import { useEffect, useState } from "preact/hooks";
import { get } from "../../api/client.ts";
import { type ApiError, toApiError } from "../../api/errors.ts";
import { money, plural } from "../../lib/format.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { Empty } from "../../parts/empty.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { TextField } from "../../parts/field.tsx";
import { Select } from "../../parts/select.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { type Column, VirtualTable } from "../../parts/virtual-table.tsx";
import {
  type CatalogueModel,
  type CataloguePage,
  fullName,
  perMillion,
  priceHref,
  priceWords,
  windowWords,
} from "./catalogue.ts";

const PAGE = 100;
const PATIENCE = 150;

export interface CatalogueFacts {
  readonly providers: readonly string[];
  readonly onChoose: (model: string) => void;
  readonly onClose: () => void;
}

export function CatalogueDialog({ providers, onChoose, onClose }: CatalogueFacts) {
  const [text, setText] = useState("");
  const [provider, setProvider] = useState("");
  const { models, total, error, isLoading, more, again } = useModels(text, provider);
  return (
    <Dialog title="Models and prices" wide onClose={onClose}>
      <div class="playground-pair">
        <TextField label="Find" value={text} onInput={setText} type="search" autoFocus />
        <Select
          label="Provider"
          value={provider}
          options={[{ value: "", label: "All providers" }, ...providers.map((name) => ({ value: name, label: name }))]}
          onChange={setProvider}
        />
      </div>
      {error !== null && <ErrorPanel what="The models could not be read." error={error} onRetry={again} />}
      {models.length === 0 && isLoading && <Skeleton lines={6} />}
      {models.length === 0 && !isLoading && error === null && (
        <Empty title="No such model" why="Any other name can be typed into the field of the model." />
      )}
      {models.length > 0 && (
        <>
          <VirtualTable
            label="Models"
            rows={models}
            columns={columns(onChoose)}
            keyOf={fullName}
            onOpen={(model) => onChoose(fullName(model))}
            card={(model) => <ModelCard model={model} onChoose={onChoose} />}
            onEnd={more}
            height="min(52vh, 480px)"
          />
          <p class="soft small">{plural(total, "model")}. Prices are of a million tokens.</p>
        </>
      )}
    </Dialog>
  );
}

interface ChooseFacts {
  readonly model: CatalogueModel;
  readonly onChoose: (model: string) => void;
}

function Choose({ model, onChoose }: ChooseFacts) {
  return (
    <button type="button" class="link clip playground-choose" onClick={() => onChoose(fullName(model))}>
      {fullName(model)}
    </button>
  );
}

function ModelCard({ model, onChoose }: ChooseFacts) {
  return (
    <span class="stack-tight grow">
      <Choose model={model} onChoose={onChoose} />
      <span class="soft small clip">
        {priceWords(model)} · {windowWords(model)}
      </span>
    </span>
  );
}

function Price({ model, member }: { readonly model: CatalogueModel; readonly member: "prompt" | "completion" }) {
  const usd = perMillion(model, member);
  if (usd !== null) return <span class="num">{money(usd)}</span>;
  // said once a row
  return member === "prompt" ? <span class="soft">{money(null)}</span> : null;
}

function columns(onChoose: (model: string) => void): readonly Column<CatalogueModel>[] {
  return [
    {
      id: "model",
      title: "Model",
      width: "minmax(200px, 2fr)",
      cell: (model) => <Choose model={model} onChoose={onChoose} />,
    },
    {
      id: "input",
      title: "Input",
      width: "120px",
      align: "right",
      cell: (model) => <Price model={model} member="prompt" />,
    },
    {
      id: "output",
      title: "Output",
      width: "90px",
      align: "right",
      cell: (model) => <Price model={model} member="completion" />,
    },
    {
      id: "source",
      title: "Price from",
      width: "minmax(90px, 1fr)",
      cell: (model) =>
        model.pricing === undefined ? (
          <a href={priceHref(model.provider, model.name)}>set a price</a>
        ) : (
          <span class="soft">{model.pricing_source ?? ""}</span>
        ),
    },
    {
      id: "window",
      title: "Window",
      width: "90px",
      align: "right",
      cell: (model) => <span class="soft">{windowWords(model)}</span>,
    },
  ];
}

interface Listed {
  readonly key: string;
  readonly models: readonly CatalogueModel[];
  readonly total: number;
}

const NOTHING: Listed = { key: "", models: [], total: 0 };

function useModels(text: string, provider: string) {
  const [listed, setListed] = useState<Listed>(NOTHING);
  const [error, setError] = useState<ApiError | null>(null);
  const [isLoading, setLoading] = useState(true);
  const [offset, setOffset] = useState(0);
  const [tries, setTries] = useState(0);
  const key = `${provider} ${text.trim()}`;
  useEffect(() => setOffset(0), [key]);
  useEffect(() => {
    const abort = new AbortController();
    const query = new URLSearchParams({ query: text.trim(), limit: String(PAGE), offset: String(offset) });
    if (provider !== "") query.set("provider", provider);
    setLoading(true);
    const timer = window.setTimeout(() => {
      get<CataloguePage>(`/api/models/details?${query}`, { signal: abort.signal }).then(
        ({ models, total }) => {
          setListed((before) => ({
            key,
            total,
            models: before.key === key && offset > 0 ? [...before.models.slice(0, offset), ...models] : models,
          }));
          setError(null);
          setLoading(false);
        },
        (thrown) => {
          if (abort.signal.aborted) return;
          setError(toApiError(thrown));
          setLoading(false);
        },
      );
    }, PATIENCE);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [key, offset, tries]);
  const more = () => {
    if (!isLoading && listed.models.length < listed.total) setOffset(listed.models.length);
  };
  return { models: listed.models, total: listed.total, error, isLoading, more, again: () => setTries(tries + 1) };
}
