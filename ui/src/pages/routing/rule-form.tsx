// The form of a routing rule: builder and text side by side, targets, whom it is for, and a try of the draft.
import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import { type ApiError, fieldError, toApiError } from "../../api/errors.ts";
import { refresh } from "../../api/resource.ts";
import { Button } from "../../parts/button.tsx";
import { CodeBlock } from "../../parts/code-block.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { TextField } from "../../parts/field.tsx";
import { Select } from "../../parts/select.tsx";
import { Note } from "../../parts/status.tsx";
import { Switch } from "../../parts/switch.tsx";
import { toast } from "../../parts/toast.tsx";
import { Builder } from "./builder.tsx";
import { toCel } from "./cel.ts";
import { ChipList } from "./chip-list.tsx";
import { DryRun } from "./dry-run.tsx";
import { type RuleDraft, ruleBody, withText } from "./rule-draft.ts";
import { Targets } from "./targets.tsx";
import type { RuleScope } from "./types.ts";
import { useExpression } from "./use-expression.ts";
import { type OwnerKind, useModels, useOwners } from "./use-names.ts";

const RULES = "/api/governance/routing-rules";

const SCOPES: readonly { readonly value: RuleScope; readonly label: string }[] = [
  { value: "global", label: "Every request" },
  { value: "virtual_key", label: "One virtual key" },
  { value: "team", label: "One team" },
  { value: "customer", label: "One customer" },
];

export interface RuleFormFacts {
  readonly start: RuleDraft;
  /** File and line that rule alone; the form then shows what to write there. */
  readonly locked: string | null;
  readonly onClose: () => void;
}

export function RuleForm({ start, locked, onClose }: RuleFormFacts) {
  const [draft, setDraft] = useState(start);
  const [error, setError] = useState<ApiError | null>(null);
  const change = (part: Partial<RuleDraft>) => setDraft({ ...draft, ...part });
  const save = async () => {
    try {
      const [method, path] =
        draft.id === null ? (["POST", RULES] as const) : (["PUT", `${RULES}/${draft.id}`] as const);
      const answer = await send<{ rule: { name: string }; warnings?: string[] }>(method, path, ruleBody(draft));
      toast({ text: answer.warnings?.[0] ?? `The rule “${draft.name.trim()}” decides from now on.` });
      await refresh(RULES);
      onClose();
    } catch (thrown) {
      setError(toApiError(thrown));
    }
  };
  return (
    <Dialog
      title={draft.id === null ? "New routing rule" : `Rule ${start.name}`}
      kind="side"
      wide
      onClose={onClose}
      foot={
        locked === null ? (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button kind="primary" onClick={save}>
              Save
            </Button>
          </>
        ) : (
          <Button onClick={onClose}>Close</Button>
        )
      }
    >
      <div class="routing-form">
        {locked !== null && (
          <Note tone="info">The file rules alone. Write the rule as it stands below into {locked}.</Note>
        )}
        {error !== null && !isAtField(error) && <ErrorPanel what="The rule was not saved." error={error} />}
        <div class="routing-two">
          <TextField
            label="Name"
            value={draft.name}
            onInput={(name) => change({ name })}
            error={fieldError(error, "name")}
            required
          />
          <TextField
            label="Priority"
            type="number"
            value={draft.priority}
            onInput={(priority) => change({ priority })}
            hint="Lower ones are asked first"
            error={fieldError(error, "priority")}
          />
        </div>
        <Scope draft={draft} error={error} onChange={change} />
        <When draft={draft} error={error} onDraft={setDraft} />
        <Targets targets={draft.targets} error={error} onChange={(targets) => change({ targets })} />
        <Fallbacks draft={draft} error={error} onChange={change} />
        <TextField
          label="Description"
          optional
          value={draft.description}
          onInput={(description) => change({ description })}
          error={fieldError(error, "description")}
        />
        <div class="row">
          <Switch label="On" on={draft.enabled} onChange={(enabled) => change({ enabled })} />
          <Switch
            label="Ask the rules again with what it chose"
            on={draft.chain}
            onChange={(chain) => change({ chain })}
          />
        </div>
        {locked !== null && <CodeBlock code={JSON.stringify(ruleBody(draft), null, 2)} label="the rule for the file" />}
        <DryRun draft={draft} />
      </div>
    </Dialog>
  );
}

const FIELDS = ["name", "priority", "description", "scope", "scope_id", "cel_expression", "targets", "fallbacks"];

function isAtField(error: ApiError): boolean {
  return fieldError(error, ...FIELDS) !== undefined;
}

interface PartFacts {
  readonly draft: RuleDraft;
  readonly error: ApiError | null;
  readonly onChange: (part: Partial<RuleDraft>) => void;
}

function Scope({ draft, error, onChange }: PartFacts) {
  const kind: OwnerKind | null = draft.scope === "global" ? null : draft.scope;
  const owners = useOwners(kind, draft.scopeId);
  return (
    <div class="routing-two">
      <Select
        label="For"
        value={draft.scope}
        options={SCOPES}
        onChange={(scope) => onChange({ scope: scope as RuleScope, scopeId: "" })}
        error={fieldError(error, "scope")}
      />
      {kind !== null && (
        <Select
          label={SCOPES.find(({ value }) => value === kind)?.label.replace("One ", "Which ") ?? "Which"}
          value={draft.scopeId}
          onChange={(scopeId) => onChange({ scopeId })}
          allowOther
          error={fieldError(error, "scope_id")}
          {...owners}
        />
      )}
    </div>
  );
}

function When({
  draft,
  error,
  onDraft,
}: {
  readonly draft: RuleDraft;
  readonly error: ApiError | null;
  readonly onDraft: (draft: RuleDraft) => void;
}) {
  const problem = useExpression(draft.expression);
  const told = problem ?? fieldError(error, "cel_expression") ?? null;
  return (
    <section class="stack" aria-label="Condition">
      <h3>When</h3>
      <div class="routing-two">
        {draft.tree === null ? (
          <Note tone="plain">This expression says more than the builder can show. It stays text.</Note>
        ) : (
          <Builder group={draft.tree} onChange={(tree) => onDraft({ ...draft, tree, expression: toCel(tree) })} />
        )}
        <div class="stack">
          <TextField
            label="The same as text (CEL)"
            mono
            rows={5}
            value={draft.expression}
            onInput={(text) => onDraft(withText(draft, text))}
            placeholder="Empty: every request"
            error={told === null ? undefined : "It does not compile."}
          />
          {told !== null && (
            <pre class="routing-caret" tabIndex={0} role="region" aria-label="Where the expression is wrong">
              {told}
            </pre>
          )}
        </div>
      </div>
    </section>
  );
}

function Fallbacks({ draft, error, onChange }: PartFacts) {
  const models = useModels();
  return (
    <ChipList
      label="Fallbacks, in this order"
      hint="In place of the request’s own; none: the request’s own"
      values={draft.fallbacks}
      allowOther
      placeholder="Add provider/model"
      onChange={(fallbacks) => onChange({ fallbacks })}
      error={fieldError(error, "fallbacks")}
      {...models}
    />
  );
}
