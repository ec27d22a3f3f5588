// One target: its model, found in the lists of the providers or typed, with its price; and the whole catalogue.
import { useEffect, useState } from "preact/hooks";
import { useResource } from "../../api/resource.ts";
import { Button } from "../../parts/button.tsx";
import { Lazy } from "../../parts/lazy.tsx";
import { Picker } from "../../parts/select.tsx";
import { type CataloguePage, fullName, priceWords } from "./catalogue.ts";
import type { Side } from "./conversation.ts";
import { chooseModel } from "./use-targets.ts";

const SHOWN = 50;
const PATIENCE = 150;
const loadCatalogue = () => import("./catalogue-dialog.tsx").then((module) => module.CatalogueDialog);

export interface TargetFacts {
  readonly side: Side;
  readonly model: string;
  readonly providers: readonly string[];
}

export function TargetPicker({ side, model, providers }: TargetFacts) {
  const [isBrowsing, setBrowsing] = useState(false);
  const [typed, setTyped] = useState("");
  const found = useFound(typed);
  const options = found.map((one) => ({ value: fullName(one), label: fullName(one), hint: priceWords(one) }));
  return (
    <div class="row playground-target">
      <div class="grow">
        <Picker
          label={side === 0 ? "Model" : "Second model"}
          value={model}
          options={options}
          placeholder="Choose a model"
          onChange={(value) => chooseModel(side, value)}
          onSearch={setTyped}
          allowOther
        />
      </div>
      <Button icon="search" label="Browse models and prices" onClick={() => setBrowsing(true)} />
      {isBrowsing && (
        <Lazy
          load={loadCatalogue}
          props={{
            providers,
            onClose: () => setBrowsing(false),
            onChoose: (value: string) => {
              setBrowsing(false);
              chooseModel(side, value);
            },
          }}
        />
      )}
    </div>
  );
}

/** `provider/part`, or a part of a model's name. */
function useFound(typed: string) {
  const [text, setText] = useState("");
  useEffect(() => {
    const timer = window.setTimeout(() => setText(typed), PATIENCE);
    return () => window.clearTimeout(timer);
  }, [typed]);
  const slash = text.indexOf("/");
  const query = slash < 0 ? text : text.slice(slash + 1);
  const { data } = useResource<CataloguePage>(
    `/api/models/details?limit=${SHOWN}&query=${encodeURIComponent(query.trim())}`,
  );
  const wanted = slash < 0 ? "" : text.slice(0, slash).trim().toLowerCase();
  return (data?.models ?? []).filter(({ provider }) => provider.toLowerCase().startsWith(wanted));
}
