// The form of the simulator: the request, who sends it, and what to assume.
import { type ApiError, fieldError } from "../../api/errors.ts";
import { TextField } from "../../parts/field.tsx";
import { Select } from "../../parts/select.tsx";
import { ChipList } from "./chip-list.tsx";
import type { Question, Trouble } from "./question.ts";
import { useModels, useOwners, useProviderKeys, useProviders } from "./use-names.ts";

export interface SimulatorFormFacts {
  readonly question: Question;
  readonly troubles: readonly Trouble[];
  readonly error: ApiError | null;
  readonly onChange: (part: Partial<Question>) => void;
}

export function SimulatorForm({ question, troubles, error, onChange }: SimulatorFormFacts) {
  const models = useModels();
  const keys = useOwners("virtual_key", question.virtualKey);
  const trouble = (field: Trouble["field"]) => troubles.find((one) => one.field === field)?.message;
  const hasMore = question.headers !== "" || question.params !== "" || question.text !== "";
  const hasAssumptions = question.down.length + question.exhausted.length + question.resting.length > 0;
  return (
    <>
      <Select
        label="Model"
        value={question.model}
        onChange={(model) => onChange({ model })}
        allowOther
        placeholder="gpt-4o or openai/gpt-4o"
        error={trouble("model") ?? fieldError(error, "model")}
        {...models}
      />
      <Select
        label="Virtual key"
        value={question.virtualKey}
        onChange={(virtualKey) => onChange({ virtualKey })}
        placeholder="None"
        error={fieldError(error, "virtual_key")}
        options={[{ value: "", label: "None" }, ...keys.options]}
        onSearch={keys.onSearch}
      />
      <details class="routing-more" open={hasMore || troubles.some(({ field }) => field !== "model")}>
        <summary>Headers, parameters, text</summary>
        <div class="stack">
          <TextField
            label="Headers"
            mono
            rows={2}
            value={question.headers}
            onInput={(headers) => onChange({ headers })}
            placeholder="x-tier: gold"
            hint="One a line, name: value"
            error={trouble("headers") ?? fieldError(error, "headers")}
          />
          <TextField
            label="Parameters of the body"
            mono
            rows={2}
            value={question.params}
            onInput={(params) => onChange({ params })}
            placeholder='{"temperature": 0.2}'
            error={trouble("params") ?? fieldError(error, "body")}
          />
          <TextField
            label="What the user says"
            rows={2}
            value={question.text}
            onInput={(text) => onChange({ text })}
            hint="Decides the complexity tier"
          />
        </div>
      </details>
      <details class="routing-more" open={hasAssumptions}>
        <summary>What if</summary>
        <Assumptions question={question} error={error} onChange={onChange} />
      </details>
    </>
  );
}

function Assumptions({ question, error, onChange }: Omit<SimulatorFormFacts, "troubles">) {
  const providers = useProviders().map((name) => ({ value: name, label: name }));
  const keys = useProviderKeys().map((key) => ({ value: key.key_id, label: `${key.provider} · ${key.name}` }));
  return (
    <div class="stack">
      <ChipList
        label="These are down"
        values={question.down}
        options={providers}
        allowOther
        placeholder="Provider or provider/model"
        onChange={(down) => onChange({ down })}
        error={fieldError(error, "assume.down")}
      />
      <ChipList
        label="Budget or limit used up"
        values={question.exhausted}
        options={providers}
        allowOther
        placeholder="Provider or provider/model"
        onChange={(exhausted) => onChange({ exhausted })}
        error={fieldError(error, "assume.exhausted")}
      />
      <ChipList
        label="These keys rest"
        values={question.resting}
        options={keys}
        placeholder="Provider key"
        onChange={(resting) => onChange({ resting })}
        error={fieldError(error, "assume.resting_keys")}
      />
    </div>
  );
}
